"""Widgets tied to the address: they write it, follow it, and a browser's late word does not take a change back."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from medmat_explorer.ui import url_state

    shown = url_state.value("word", "")
    st.text_input("Word", **url_state.bind("word", shown, resets=("page",)))
    st.button("Put", on_click=url_state.write, args=({"word": "put"},))


def opened(**params: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def test_a_widget_shows_the_address_and_writes_it_and_resets_what_goes_with_it() -> None:
    app = opened(word="first", page="3")
    assert app.text_input[0].value == "first"
    app.text_input[0].set_value("second").run()
    assert dict(app.query_params) == {"word": "second"}
    app.text_input[0].set_value("").run()
    assert dict(app.query_params) == {}


def test_a_value_that_the_browser_sent_before_it_heard_of_another_is_not_heeded() -> None:
    app = opened(word="first")
    app.button[0].click().run()
    assert app.text_input[0].value == "put"
    app.text_input[0].set_value("first").run()
    assert dict(app.query_params) == {"word": "put"}
    assert app.text_input[0].value == "put"
    app.text_input[0].set_value("a third").run()
    assert dict(app.query_params) == {"word": "a third"}


def test_a_reader_may_go_back_to_what_they_had_at_once() -> None:
    app = opened(word="first")
    app.text_input[0].set_value("second").run()
    app.text_input[0].set_value("first").run()
    assert dict(app.query_params) == {"word": "first"}
