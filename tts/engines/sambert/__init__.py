"""The engine for the SAMBERT voices of ModelScope: how a sentence is written for them."""
