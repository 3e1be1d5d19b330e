"""`sql NAME "SELECT ..."`: one JSON object, or a table for people."""

from pathlib import Path

import pytest

from tests.command_line import assert_one_sentence, json_of, run


def test_a_statement_gives_columns_rows_and_whether_there_are_more(phantoms_home: Path) -> None:
    sql = "SELECT split, count(*) AS items, true AS some, [1, NULL] AS list FROM items GROUP BY split ORDER BY split"
    result = json_of("sql", "phantoms", sql, home=phantoms_home)
    assert {key: result[key] for key in ("columns", "rows", "truncated")} == {
        "columns": ["split", "items", "some", "list"],
        "rows": [["test", 120, True, [1, None]], ["train", 240, True, [1, None]]],
        "truncated": False,
    }
    many = json_of("sql", "phantoms", "SELECT * FROM range(5000)", home=phantoms_home)
    assert many["truncated"] is True
    assert len(many["rows"]) == 1000  # type: ignore[arg-type]


def test_numbers_stay_exact_and_what_is_no_number_is_null(phantoms_home: Path) -> None:
    sql = (
        "SELECT 9223372036854775807 AS a, 'nan'::DOUBLE AS b, DATE '2024-02-29' AS c, '\\xAB'::BLOB AS d, {'x': 1} AS e"
    )
    assert json_of("sql", "phantoms", sql, home=phantoms_home)["rows"] == [
        [9223372036854775807, None, "2024-02-29", "ab", {"x": 1}]
    ]


def test_people_get_a_table_in_which_data_is_not_markup(phantoms_home: Path) -> None:
    done = run("sql", "phantoms", "SELECT '[bold]x[/bold]' AS \"[red]name\", NULL AS n", home=phantoms_home)
    assert done.returncode == 0, done.stderr
    assert "[bold]x[/bold]" in done.stdout
    assert "[red]name" in done.stdout
    assert "1 row." in done.stdout


@pytest.mark.parametrize(
    ("collection", "sql", "said"),
    [
        ("phantoms", "DROP TABLE tags", "Only SELECT"),
        ("phantoms", "SELECT * FROM '/etc/passwd'", "There is no table"),
        ("phantoms", "SELECT nonsense FROM items", "nonsense"),
        ("nothing", "SELECT 1", "There is no collection 'nothing'"),
    ],
)
def test_what_cannot_run_is_one_sentence(phantoms_home: Path, collection: str, sql: str, said: str) -> None:
    done = run("sql", collection, sql, "--json", home=phantoms_home)
    assert_one_sentence(done)
    assert said in done.stderr
