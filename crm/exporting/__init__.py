"""Lists written to files that people open in a spreadsheet."""
