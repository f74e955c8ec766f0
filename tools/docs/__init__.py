"""The parts of docs/ that are made from the code, and the checks of what is written by hand."""
