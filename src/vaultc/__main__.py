"""`python -m vaultc` is the same as `vaultc`."""

from vaultc.cli.start import main

if __name__ == "__main__":
    main()
