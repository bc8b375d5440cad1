"""Entry point of ``python -m dlr_analytics``, the same as ``dlr``."""

from dlr_analytics.cli.main import main

if __name__ == "__main__":
    main()
