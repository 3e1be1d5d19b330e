"""Settings come from the environment, are checked once, and a bad value gets one sentence."""

from pathlib import Path

import pytest

from medmat_explorer.config import Settings, read_settings, variable_name
from medmat_explorer.errors import SettingsError


def test_defaults_need_no_environment() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.device) == ("127.0.0.1", 8501, "auto")
    assert settings.home.is_absolute()


def test_values_are_read_and_empty_ones_count_as_unset(tmp_path: Path) -> None:
    settings = read_settings({"MEDMAT_HOME": str(tmp_path), "MEDMAT_PORT": "9000", "MEDMAT_DEVICE": ""})
    assert (settings.home, settings.port, settings.device) == (tmp_path, 9000, "auto")


def test_other_variables_are_not_read() -> None:
    assert read_settings({"MEDMAT_UNHEARD_OF": "1", "PORT": "1"}) == read_settings({})


@pytest.mark.parametrize(
    ("variable", "value"), [("MEDMAT_PORT", "eighty"), ("MEDMAT_PORT", "70000"), ("MEDMAT_DEVICE", "tpu")]
)
def test_a_bad_value_is_named_with_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable}='{value}' cannot be used"):
        read_settings({variable: value})


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert variable_name("home") == "MEDMAT_HOME"
