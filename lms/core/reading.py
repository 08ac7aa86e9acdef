"""Reading single settings from the environment; what cannot be used is refused by name."""

from collections.abc import Mapping

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


class SettingError(ValueError):
    """A setting is unknown or malformed; the message names it and the cure."""


def read_int(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``. Raises SettingError."""
    raw = env.get(name)
    if not raw:
        return default
    if not raw.isdecimal() or not low <= int(raw) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {raw!r}")
    return int(raw)


def read_bool(env: Mapping[str, str], name: str, default: bool) -> bool:
    """A yes or no. Raises SettingError."""
    raw = env.get(name)
    if raw is None:
        return default
    if raw.lower() in _TRUE | _FALSE:
        return raw.lower() in _TRUE
    raise SettingError(f"{name} must be 1 or 0, not {raw!r}")


def read_choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    """One of the ``allowed`` words, in capitals. Raises SettingError."""
    raw = (env.get(name) or default).upper()
    if raw not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}")
    return raw
