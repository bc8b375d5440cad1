"""Settings: the option, else the environment, else dlr.toml, else the default.

``schema`` holds one frozen class with a field for each setting, ``parsers`` the functions that
read a setting's text, ``loading`` the lookup. No other module reads the environment.
"""

from dlr_analytics.settings.loading import (
    given_setting,
    load_settings,
    secret_files,
    unknown_variables,
)
from dlr_analytics.settings.parsers import Network
from dlr_analytics.settings.schema import Settings, variable
from dlr_analytics.settings.shipping import refuse_where_shipping

__all__ = [
    "Network",
    "Settings",
    "given_setting",
    "load_settings",
    "refuse_where_shipping",
    "secret_files",
    "unknown_variables",
    "variable",
]
