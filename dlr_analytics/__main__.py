"""``python -m dlr_analytics`` is ``dlr``."""

from dlr_analytics.cli.main import main

if __name__ == "__main__":
    main()
