"""The entry point: makes the standard library cooperative first of all, then offers the application."""

from tts.workers import patch

patch()

from tts.web import create_app  # noqa: E402  # everything below must see the patched library

__all__ = ["create_app"]

if __name__ == "__main__":
    from tts.web.development import main

    main()
