"""Measurements: each beside a base in the same run, written to results/*.jsonl."""
