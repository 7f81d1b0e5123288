"""What the engines have in common whose voices are spoken by another server."""
