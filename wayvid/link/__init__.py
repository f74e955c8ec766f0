"""The link between daemon and player: typed messages, passed memory, the shared ledger."""
