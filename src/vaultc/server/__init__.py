"""The local server: an OpenAI-compatible API and MCP on loopback. A second front beside the command line."""
