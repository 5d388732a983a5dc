"""What commands do with models: open, place, plan, prepare, download, check them."""
