"""What an import makes of its rows: one module per kind of record, found by a registry; apps above add theirs."""
