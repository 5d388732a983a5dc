"""`python -m vaultc` is the same as `vaultc`."""

from vaultc.cli.app import main

if __name__ == "__main__":
    main()
