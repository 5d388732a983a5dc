"""Every byte that vaultc writes goes through here."""
