"""The daemon's socket: requests and answers, one JSON object a line."""
