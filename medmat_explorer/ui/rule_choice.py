"""The rules that there are to choose from: those of the program, and readers' own beside the collection."""

from medmat_explorer.domain.relation import DEFAULT_RULE, RULES, RelationRule, rule_named
from medmat_explorer.domain.task_rule import rule_name_parts
from medmat_explorer.errors import UnknownNameError
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.store.own_rules import OwnRules, find_rule


def rules_here(catalog: Catalog) -> list[RelationRule]:
    """Readers' own rules, by name; of one name the one kept last."""
    return list(OwnRules(catalog.workspace).newest())


def resolve_rule(catalog: Catalog, text: str, merge: bool) -> RelationRule:
    """The rule that an address names: `paper`, `name@1a2b3c4d`, or the newest of a bare name. Raises UnknownNameError.

    Without any text it is the usual rule.
    """
    return find_rule(text or DEFAULT_RULE, OwnRules(catalog.workspace), merge_areas=merge)


def rule_or_usual(catalog: Catalog, text: str, merge: bool) -> tuple[RelationRule, str]:
    """The rule that an address names; or the usual one, with the reason why the address was not followed."""
    try:
        return resolve_rule(catalog, text, merge), ""
    except UnknownNameError:
        sentence = (
            f"The rule '{text}' is not kept beside the collection {catalog.name}: it was made beside another one, or "
            f"deleted. The rule {DEFAULT_RULE} stands in for it."
        )
        return rule_named(DEFAULT_RULE, merge_areas=merge), sentence


def rule_titles(catalog: Catalog, shown: RelationRule) -> dict[str, str]:
    """The rules to choose from with what they are called: an own one by its bare name where it is the newest of it."""
    found = {name: name for name in RULES}
    found |= {rule.name: rule_name_parts(rule.name)[0] for rule in rules_here(catalog)}
    found.setdefault(shown.name, shown.name)
    return found
