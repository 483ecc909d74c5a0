"""Tables as files for spreadsheets: cells that run nothing, and come back as they were."""
