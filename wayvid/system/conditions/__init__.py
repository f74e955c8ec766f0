"""Where conditions come from that the machine and its buses tell: battery, profile, session, games."""
