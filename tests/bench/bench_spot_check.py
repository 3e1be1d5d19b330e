"""A spot check's speed: the engine against bare passes and a plain loop, rotations together, and what a reader feels.

python -m tests.bench.bench_spot_check [--items 48] [--rounds 3] [--clicks 12] [--turns 40] [--only engine] [--json]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from medmat_explorer.backbones.answering import LARGEST_BATCH, answer_in_batches
from medmat_explorer.backbones.contract import LoadOptions, Posed, Question
from medmat_explorer.backbones.pictures import Pictures, open_picture
from medmat_explorer.backbones.transformers_adapter import TransformersBackbone, load_folder
from medmat_explorer.backbones.worker_process import SWITCH_SECONDS
from medmat_explorer.config import BUNDLED_BACKBONES
from tests.bench.bench_browse import PAINTED
from tests.bench.bench_thumbnails import write_sources
from tests.browser import find_chromium, launch_arguments
from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.tiny_models import tokenizer_with

CPU = LoadOptions(device="cpu")
FINDINGS = ("Normal tissue", "A small cyst", "A stone in the duct", "A large tumour")
LETTERS = ("A", "B", "C", "D")
LOOP_TOKENS = 16

FIRST_CARD = """
() => new Promise(done => {
    const verdicts = (root) => [...root.querySelectorAll('*')].some(e =>
        (e.matches('article .verdict') && e.getClientRects().length) || (e.shadowRoot && verdicts(e.shadowRoot)));
    const button = [...document.querySelectorAll('[data-testid=stMainBlockContainer] button')]
        .find(b => b.innerText.trim().endsWith('Ask'));
    const started = performance.now();
    button.click();
    const look = () => verdicts(document)
        ? requestAnimationFrame(() => done(performance.now() - started))
        : performance.now() - started > 20000 ? done(-1) : requestAnimationFrame(look);
    look();
})
"""
TURN = (
    f"""() => new Promise(done => {{{PAINTED}"""
    + """
    const before = pictures().map(i => i.src).join();
    const started = performance.now();
    [...document.querySelectorAll('button')].find(b => b.innerText.trim().endsWith('Next')).click();
    const look = () => {
        const now = pictures().map(i => i.src).join();
        if (now !== before && painted(24)) requestAnimationFrame(() => done(performance.now() - started));
        else if (performance.now() - started > 20000) done(-1);
        else requestAnimationFrame(look);
    };
    look();
})"""
)


def middle_llava(folder: Path) -> Path:
    """A LLaVA of about 50 million random parameters with a tower of 336 pixels: 576 picture tokens, as LLaVA-1.5."""
    import torch
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer = tokenizer_with("<image>")
    sizes = {"num_attention_heads": 8, "intermediate_size": 1408, "hidden_size": 512, "num_hidden_layers": 8}
    tower = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6, "num_attention_heads": 6}
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(image_size=336, patch_size=14, **tower),
        text_config=LlamaConfig(vocab_size=32_000, num_key_value_heads=8, tie_word_embeddings=True, **sizes),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        tie_word_embeddings=True,
    )
    torch.manual_seed(0)
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}, do_center_crop=True
        ),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def questions(pictures: Sequence[Path], wants_text: bool = False) -> list[Question]:
    """One question a picture, with four options."""
    options = "\n".join(f"{letter}: {text}" for letter, text in zip(LETTERS, FINDINGS, strict=True))
    prompt = f"Which finding does this picture show?\n{options}\nAnswer with the option's letter directly."
    return [
        Question(str(place), prompt, LETTERS, path, wants_text, tokens=LOOP_TOKENS)
        for place, path in enumerate(pictures)
    ]


def turned(question: Question) -> list[Question]:
    """The question under every rotation of its options, and blank."""
    asked = []
    for turn in range(len(LETTERS)):
        texts = [*FINDINGS[turn:], *FINDINGS[:turn]]
        options = "\n".join(f"{letter}: {text}" for letter, text in zip(LETTERS, texts, strict=True))
        prompt = f"Which finding does this picture show?\n{options}\nAnswer with the option's letter directly."
        asked.append(replace(question, key=f"{question.key} {turn}", prompt=prompt))
    return [*asked, replace(question, key=f"{question.key} blank", blank=True)]


def never() -> bool:
    """Nobody stops it."""
    return False


def unheard(key: str, text: str) -> None:
    """Nobody listens."""


def engine(backbone: TransformersBackbone, asked: Sequence[Question]) -> None:
    """All questions, files to answers, as a run asks them."""
    replies = list(answer_in_batches(backbone, asked, never, unheard))
    assert len(replies) == len(asked)


def bare(backbone: TransformersBackbone, ready: Sequence[Any]) -> None:
    """Nothing but passes over tensors that are there."""
    import torch

    with torch.inference_mode():
        for inputs in ready:
            backbone._model(**inputs)


def plain_loop(backbone: TransformersBackbone, asked: Sequence[Question]) -> None:
    """What a simple harness does: one item at a time, opened, prepared, and a few tokens generated."""
    import torch

    processor, tokenizer = backbone.prompts._processor, backbone.prompts.tokenizer
    for question in asked:
        text, picture = backbone.prompts.text(question.prompt), open_picture(question.picture)
        inputs = processor(images=[picture], text=[text], return_tensors="pt")
        with torch.inference_mode():
            made = backbone._model.generate(
                **inputs, max_new_tokens=LOOP_TOKENS, do_sample=False, pad_token_id=tokenizer.pad_token_id
            )
        tokenizer.batch_decode(made[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)


def answered(backbone: TransformersBackbone, batches: Sequence[Sequence[Posed]]) -> None:
    """Batches of opened pictures, prepared and answered one after the other."""
    for batch in batches:
        backbone.answer(backbone.prepare(batch), never, unheard)


def in_batches(items: Sequence[Any], size: int = LARGEST_BATCH) -> Iterator[Sequence[Any]]:
    """In order, so many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


def medians(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Seconds of each way, all in turn in every round, once unmeasured before."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, run in ways.items():
            began = time.perf_counter()
            run()
            if turn:
                times[name].append(time.perf_counter() - began)
    return {name: statistics.median(found) for name, found in times.items()}


def row(what: str, ours: float, other: float, unit: str, ratio: str, goal: str) -> dict[str, str]:
    """One line of the table."""
    return {"what": what, "ours": f"{ours:.1f} {unit}", "other": f"{other:.1f} {unit}", "ratio": ratio, "goal": goal}


def one_thread_row(name: str, folder: Path, pictures: Sequence[Path], rounds: int) -> dict[str, str]:
    """Engine and bare passes where torch has one thread, so that preparation has a core of its own for both."""
    import torch

    threads = torch.get_num_threads()
    backbone, asked = load_folder(folder, replace(CPU, threads=1), lambda stage: None), questions(pictures)
    posed = [one for one in Pictures().pose(asked) if isinstance(one, Posed)]
    ready = [backbone._moved(backbone.prepare(batch).inputs) for batch in in_batches(posed)]
    seconds = medians({"bare": lambda: bare(backbone, ready), "engine": lambda: engine(backbone, asked)}, rounds)
    torch.set_num_threads(threads)
    ours, other = (len(pictures) / seconds[way] for way in ("engine", "bare"))
    what = f"letters, {name}, torch with one thread: engine and bare passes"
    return row(what, ours, other, "a second", f"{ours / other:.0%}", "90%")


def engine_rows(name: str, folder: Path, pictures: Sequence[Path], rounds: int) -> list[dict[str, str]]:
    """What one backbone does, all ways over the same items in the same process."""
    backbone, opener = load_folder(folder, CPU, lambda stage: None), Pictures()
    asked, n = questions(pictures), len(pictures)
    posed = [one for one in opener.pose(asked) if isinstance(one, Posed)]
    ready = [backbone._moved(backbone.prepare(batch).inputs) for batch in in_batches(posed)]
    few = asked[: max(4, n // 8)]
    seconds = medians(
        {
            "bare": lambda: bare(backbone, ready),
            "engine": lambda: engine(backbone, asked),
            "few": lambda: engine(backbone, few),
            "few text": lambda: engine(backbone, questions(pictures[: len(few)], wants_text=True)),
            "loop": lambda: plain_loop(backbone, few),
        },
        rounds,
    )
    rates = {"bare": n / seconds["bare"], "engine": n / seconds["engine"]}
    rates |= {way: len(few) / seconds[way] for way in ("few", "few text", "loop")}
    share, loop, text = (
        rates["engine"] / rates["bare"],
        rates["engine"] / rates["loop"],
        rates["few text"] / rates["loop"],
    )
    return [
        row(
            f"letters, {name}: engine and bare passes",
            rates["engine"],
            rates["bare"],
            "a second",
            f"{share:.0%}",
            "90%",
        ),
        row(
            f"letters, {name}: engine and plain loop", rates["engine"], rates["loop"], "a second", f"{loop:.1f}x", "4x"
        ),
        row(
            f"written answers, {name}: engine and plain loop",
            rates["few text"],
            rates["loop"],
            "a second",
            f"{text:.1f}x",
            "",
        ),
        *turned_rows(name, backbone, opener, asked[:4], rounds),
    ]


def turned_rows(
    name: str, backbone: TransformersBackbone, opener: Pictures, asked: Sequence[Question], rounds: int
) -> list[dict[str, str]]:
    """All rotations and blank of an item: together, each by itself, and in a batch that shares nothing."""
    items = [[one for one in opener.pose(turned(question)) if isinstance(one, Posed)] for question in asked]
    unshared = [[Posed(one.question, one.picture.copy()) for one in item] for item in items]
    seconds = medians(
        {
            "together": lambda: answered(backbone, items),
            "apart": lambda: answered(backbone, [[one] for item in items for one in item]),
            "batch": lambda: answered(backbone, unshared),
        },
        rounds,
    )
    each = {way: 1000 * found / len(items) for way, found in seconds.items()}
    one, batch = (each["together"] / each[way] for way in ("apart", "batch"))
    what = f"rotations and blank of an item, {name}"
    return [
        row(f"{what}: together and each by itself", each["together"], each["apart"], "ms", f"{one:.0%}", "60%"),
        row(
            f"{what}: together and as one batch, nothing shared",
            each["together"],
            each["batch"],
            "ms",
            f"{batch:.0%}",
            "",
        ),
    ]


def first_cards(page: Page, server: Server, clicks: int) -> list[float]:
    """Milliseconds from the click on Ask to the first answer card, the backbone loaded; each a new run."""
    times = []
    for seed in range(clicks + 1):
        page.goto(f"{server.url}/spot_check?backbone=phantom-llava&n=24&seed={seed}")
        settled(page)
        milliseconds = page.evaluate(FIRST_CARD)
        if seed:  # the first click loads the backbone
            times.append(milliseconds)
        page.get_by_text("Finished", exact=True).wait_for(timeout=60_000)
    return sorted(times)


def page_turns(page: Page, server: Server, turns: int) -> list[float]:
    """Milliseconds of page turns in Browse to 24 new pictures."""
    page.goto(f"{server.url}/browse")
    page.wait_for_function(f"() => {{ {PAINTED} return painted(24); }}", timeout=60_000)
    times = []
    for _ in range(turns):
        settled(page)
        times.append(page.evaluate(TURN))
    return sorted(times)


def browser_rows(browser: Browser, home: Path, log: Path, clicks: int, turns: int) -> list[dict[str, str]]:
    """What a reader feels, over the synthetic collection and the bundled backbone."""
    server = start_server(home, log)
    try:
        page, other = browser.new_page(), browser.new_page()
        cards = first_cards(page, server, clicks)
        page_turns(other, server, turns)  # every page once: thumbnails are made
        idle = page_turns(other, server, turns)
        page.goto(f"{server.url}/spot_check?n=2000&controls=blank&controls=rotations&controls=wordings&seed=99")
        settled(page)
        page.evaluate(FIRST_CARD)
        busy = page_turns(other, server, turns)
        with suppress(Exception):
            page.get_by_role("button", name="Stop", exact=True).click(timeout=5_000)
        ratio = p95(busy) / p95(idle)
        card = statistics.median(cards)
        return [
            {"what": f"click on Ask to the first answer card, {len(cards)} runs (ours: median, other: p95)",
             "ours": f"{card:.0f} ms", "other": f"{p95(cards):.0f} ms", "ratio": "", "goal": "300 ms"},
            row(f"p95 of {turns} page turns in Browse: while a run goes on, and idle", p95(busy), p95(idle), "ms",
                f"{ratio:.2f}x", "1.5x"),
        ]  # fmt: skip
    finally:
        stop_server(server)


def p95(times: Sequence[float]) -> float:
    """Of sorted times."""
    return times[min(len(times) - 1, int(0.95 * len(times)))]


def measure(items: int, rounds: int, clicks: int, turns: int, only: str) -> dict[str, Any]:
    """Everything, one after the other."""
    from medmat_explorer.default_collection import make_phantoms

    sys.setswitchinterval(SWITCH_SECONDS)  # as in a backbone's own process
    rows: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home = folder / "home"
        make_phantoms(home, "phantoms", 30, 0, lambda stage, done, total: None)
        if only != "browser":
            drawn = sorted(home.rglob("*.png"))[: 4 * items]
            rows += engine_rows("bundled (1.3 M)", BUNDLED_BACKBONES / "phantom-llava", drawn, rounds)
            rows.append(one_thread_row("bundled (1.3 M)", BUNDLED_BACKBONES / "phantom-llava", drawn, rounds))
            (folder / "scans").mkdir()
            scans = write_sources(folder / "scans", max(8, items // 2), 512)
            rows += engine_rows("random LLaVA (50 M, 336 px)", middle_llava(folder / "llava"), scans, rounds)
        if only != "engine":
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_arguments())
                rows += browser_rows(browser, home, folder / "server.log", clicks, turns)
                browser.close()
    return {
        "title": "Spot check",
        "note": f"On the CPU, 32 bits. Letters are asked in batches of up to {LARGEST_BATCH}; bare passes are "
        "`model(**inputs)` over tensors that are ready, in batches of the same size; the engine opens files, prepares, "
        f"asks and reads. The plain loop opens, prepares and generates up to {LOOP_TOKENS} tokens, one item at a time, "
        "as a simple harness does. All ways take turns over the same items in one process; medians. "
        "GPU figures: not run.",
        "rows": rows,
    }


def main() -> None:
    """The script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clicks", type=int, default=12)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--only", choices=["engine", "browser"], default="")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measure(given.items, given.rounds, given.clicks, given.turns, given.only)
    print(json.dumps(result) if given.json else json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
