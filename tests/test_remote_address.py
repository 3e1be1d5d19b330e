"""Which servers may be asked: addresses come from whoever writes them, and a key and pictures go there."""

import pytest

from medmat_explorer.backbones.remote_address import (
    RemoteAddress,
    looks_remote,
    parse_address,
    refusal_of,
    refusal_of_resolved,
)
from medmat_explorer.config import read_settings
from medmat_explorer.errors import BackboneError, SettingsError


@pytest.mark.parametrize(
    ("text", "base", "model"),
    [
        ("http://127.0.0.1:8000/v1#phantom-llava", "http://127.0.0.1:8000/v1", "phantom-llava"),
        ("HTTPS://API.OpenAI.com/v1/#gpt-x", "https://api.openai.com/v1", "gpt-x"),
        ("http://[::1]:8000/v1#a/b:c#d", "http://[::1]:8000/v1", "a/b:c#d"),
        ("http://localhost:1/Deep/Path#m", "http://localhost:1/Deep/Path", "m"),
    ],
)
def test_an_address_is_a_base_and_a_model(text: str, base: str, model: str) -> None:
    address = parse_address(text)
    assert address == RemoteAddress(base, model)
    assert parse_address(address.text) == address


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ftp://host/v1#m", "only http and https"),
        ("file:///etc/passwd#m", "only http and https"),
        ("http:///v1#m", "is no address of a server"),
        ("http://host/v1", "does not say which model"),
        ("http://host/v1#", "does not say which model"),
        ("http://me:secret@host/v1#m", "no user name and no password: put the key into MEDMAT_API_KEY"),
        ("http://host/v1?key=secret#m", "must hold no '?'"),
        ("http://host:eighty/v1#m", "port or brackets"),
        ("http://host:99999/v1#m", "port or brackets"),
        ("http://[::1/v1#m", "port or brackets"),
        ("http://host/v1#two words", "has blanks"),
        ("http://host/v1#m\n", "has blanks"),
        ("http://host/v1#" + "m" * 600, "more than 500 characters"),
    ],
)
def test_what_is_no_address_is_told_in_one_sentence_without_secrets(text: str, sentence: str) -> None:
    with pytest.raises(BackboneError, match="Write it as http://host:port/v1#model") as caught:
        parse_address(text)
    assert sentence in str(caught.value)
    assert "secret" not in str(caught.value)


def test_names_and_folders_are_no_addresses() -> None:
    assert [looks_remote(text) for text in ("phantom-llava", "/models/llava", "C:/models", "http://h/v1#m")] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "LOCALHOST"])
def test_this_machine_may_always_be_asked(host: str) -> None:
    assert refusal_of(parse_address(f"http://{host}:8000/v1#m"), "") == ""


@pytest.mark.parametrize(
    "host", ["api.openai.com", "10.0.0.5", "0.0.0.0", "2130706433", "127.1", "localhost.evil.org", "[fe80::1]"]
)
def test_other_machines_may_not_until_they_are_named(host: str) -> None:
    address = parse_address(f"http://{host}/v1#m")
    assert refusal_of(address, "").endswith((f"MEDMAT_ENDPOINTS={address.base}", "name it in MEDMAT_ENDPOINTS."))


@pytest.mark.parametrize(
    ("text", "endpoints", "allowed"),
    [
        ("https://api.openai.com/v1#m", "https://api.openai.com/v1", True),
        ("https://api.openai.com/v1#m", " http://gpu-7:8000 , https://api.openai.com ", True),
        ("https://api.openai.com:443/v1#m", "https://api.openai.com:443", True),
        ("https://api.openai.com/v1#m", "https://api.openai.com:443/v1", True),
        ("https://api.openai.com/v1#m", "https://", True),
        ("http://api.openai.com/v1#m", "https://", False),
        ("http://api.openai.com/v1#m", "https://api.openai.com/v1", False),
        ("https://api.openai.com.evil.org/v1#m", "https://api.openai.com", False),
        ("http://gpu-7:8000/v1#m", "http://gpu-7", True),
        ("http://gpu-7:8000/v1#m", "http://gpu-7:9000", False),
        ("http://gpu-77:8000/v1#m", "http://gpu-7", False),
        ("http://gpu-7:8000/v11#m", "http://gpu-7:8000/v1", False),
        ("http://gpu-7:8000/v1/team#m", "http://gpu-7:8000/v1", True),
    ],
)
def test_prefixes_are_compared_by_host_and_path_parts(text: str, endpoints: str, allowed: bool) -> None:
    assert (refusal_of(parse_address(text), endpoints) == "") is allowed


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "metadata.google.internal", "[::ffff:169.254.1.1]"])
def test_metadata_addresses_are_only_asked_when_they_are_named_themselves(host: str) -> None:
    address = parse_address(f"http://{host}/v1#m")
    assert "keep a machine's credentials" in refusal_of(address, "http://")
    assert refusal_of(address, f"http://{host}") == ""


def test_a_name_that_is_looked_up_to_a_metadata_address_is_refused() -> None:
    hidden = parse_address("http://2852039166/v1#m")  # 169.254.169.254 as one number, which the system resolves
    assert refusal_of(hidden, "http://") == ""
    assert "leads to 169.254.169.254" in refusal_of_resolved(hidden, "http://")
    assert refusal_of_resolved(parse_address("http://localhost:8000/v1#m"), "") == ""


def test_a_bad_setting_names_itself() -> None:
    assert read_settings({"MEDMAT_ENDPOINTS": " http://a , ,https://b/v1"}).endpoints == "http://a,https://b/v1"
    with pytest.raises(SettingsError, match="MEDMAT_ENDPOINTS='gpu-7:8000' cannot be used: .*neither http:// nor"):
        read_settings({"MEDMAT_ENDPOINTS": "gpu-7:8000"})


def test_the_key_is_hidden_where_settings_are_shown() -> None:
    settings = read_settings({"MEDMAT_API_KEY": "sk-secret"})
    assert settings.api_key.get_secret_value() == "sk-secret"
    assert "sk-secret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize("path", ["/v1/../admin", "/v1/%2e%2e/admin", "/./v1"])
def test_no_path_leads_out_of_what_is_allowed(path: str) -> None:
    with pytest.raises(BackboneError, match="must hold no"):
        parse_address(f"https://api.example.com{path}#m")
