"""The command line, run as the processes that users run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.config import ROOT

DOCUMENT = ROOT / "seed" / "multimodal-llm.md"
OVERLAY = ROOT / "seed" / "overlay.toml"
POINT_KEYS = {"state", "probability", "evidence", "reason"}


def run(
    *arguments: object,
    url: str = "",
    stdin: bytes = b"",
    language: str = "C.UTF-8",
    settings: dict[str, str] | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """Run `python -m app` with these arguments."""
    environment = os.environ | {"LC_ALL": language} | (settings or {})
    if url:
        environment["TIKU_DATABASE_URL"] = url
    command = [sys.executable, "-m", "app", *map(str, arguments)]
    return subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def parse(path: Path) -> Any:
    """Return what `parse --json` prints of a document."""
    result = run("parse", path, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_parse_prints_the_fixed_shape() -> None:
    """The keys of `parse --json` are an interface that other tools read."""
    parsed = parse(DOCUMENT)
    question = parsed["questions"][1]

    assert set(parsed) == {"questions", "warnings"}
    assert set(question) == {
        "title",
        "prompt",
        "answer",
        "explanation",
        "points",
        "choices",
        "difficulty",
        "tags",
        "topics",
        "line",
        "warnings",
    }
    assert question["title"] == "多模态大模型有哪些关键技术？"
    assert question["prompt"] == "请列举并简要解释多模态大模型的关键技术。"
    assert [point["title"] for point in question["points"]] == [
        "特征提取与融合",
        "对齐与匹配",
        "模型架构",
        "数据增强",
    ]


def test_parse_reads_the_source_document_right() -> None:
    """Eight questions; the first has two untitled points, the last breaks off at its line."""
    questions = parse(DOCUMENT)["questions"]
    counts = [len(question["points"]) for question in questions]
    last = questions[7]["warnings"]

    assert counts == [2, 4, 4, 4, 4, 4, 4, 2]
    assert [point["title"] for point in questions[0]["points"]] == [None, None]
    assert all(question["explanation"] for question in questions[:7])
    assert [(warning["kind"], warning["line"]) for warning in last] == [("truncated", 100)]


def test_parse_of_a_document_without_questions_succeeds(tmp_path: Path) -> None:
    """No question is a finding, not a failure."""
    path = tmp_path / "essay.md"
    path.write_text("# 随笔\n\n今天天气很好。\n")
    parsed = parse(path)

    assert parsed["questions"] == []
    assert [warning["kind"] for warning in parsed["warnings"]] == ["no_questions"]


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\xff\xfe\x00\x00binary", b"PK\x03\x04" + bytes(40), b"%PDF-1.7\n"]
)
def test_parse_refuses_what_is_no_text(tmp_path: Path, content: bytes) -> None:
    """Unreadable input is one clear line and exit status 2."""
    path = tmp_path / "file.md"
    path.write_bytes(content)
    result = run("parse", path, "--json")

    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr.decode().startswith("tiku: file.md: ")
    assert result.stderr.count(b"\n") == 1


def test_a_missing_file_is_named() -> None:
    """A file that is not there is named, without a traceback."""
    result = run("parse", "nowhere.md", "--json")

    assert result.returncode == 2
    assert result.stderr.decode() == "tiku: nowhere.md: No such file or directory\n"


def test_errors_speak_the_language_of_the_terminal(tmp_path: Path) -> None:
    """A Chinese locale gets Chinese sentences."""
    path = tmp_path / "file.md"
    path.write_bytes(b"%PDF-1.7\n")
    result = run("parse", path, language="zh_CN.UTF-8")

    assert "file.md：" in result.stderr.decode()


def test_check_prints_a_verdict_a_line() -> None:
    """Points and whole references are both accepted; every line has its own answer."""
    points = [
        {"title": "原子性", "text": "事务要么全部成功，要么全部回滚。"},
        {"text": "提交后数据不会丢失。"},
    ]
    lines: list[dict[str, Any]] = [
        {"question": "什么是事务？", "points": points, "answer": "要么全部成功要么全部回滚"},
        {
            "question": "什么是事务？",
            "references": [
                "1. **原子性：** 要么全做，要么全不做。\n2. **持久性：** 提交后不丢失。",
                "一组操作。",
            ],
            "answer": "提交后数据不丢失",
        },
    ]
    stdin = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    result = run("check", "--jsonl", "-", stdin=stdin)
    first, second = map(json.loads, result.stdout.splitlines())

    assert result.returncode == 0
    assert [point["state"] for point in first["points"]] == ["covered", "missed"]
    assert first["score"] == 0.5
    assert first["points"][0]["evidence"] in lines[0]["answer"]
    assert set(first["points"][0]) >= POINT_KEYS
    assert [point["state"] for point in second["points"]] == ["missed", "covered"]


def test_check_knows_all_that_authors_say() -> None:
    """Order, wordings, weights and requirements count on the command line as in the bank."""
    points = [
        {"text": "踩下离合器踏板", "weight": 2},
        {"text": "转动钥匙接通起动机", "accepted": ["turn the key"], "required": True},
    ]
    line = {"question": "如何启动？", "points": points, "ordered": True}
    answers = (
        "踩下离合器踏板，turn the key。",
        "turn the key。踩下离合器踏板。",
        "踩下离合器踏板。",
    )
    stdin = "\n".join(json.dumps(line | {"answer": one}) for one in answers).encode()
    checks = [
        json.loads(one) for one in run("check", "--jsonl", "-", stdin=stdin).stdout.splitlines()
    ]

    assert [round(check["score"], 3) for check in checks] == [1, 0.833, 0.5]
    assert checks[1]["points"][1]["reason"] == "out_of_order"


def test_check_reads_which_options_are_meant() -> None:
    """A line with options takes letters, texts and verdicts; what names none is for a person."""
    choices = [{"text": "栈", "correct": True}, {"text": "队列", "correct": False}]
    line = {"question": "哪个先进后出？", "choices": choices}
    answers = ("A", "选 A 和 B", "栈", "不清楚")
    stdin = "\n".join(json.dumps(line | {"answer": one}) for one in answers).encode()
    checks = [
        json.loads(one) for one in run("check", "--jsonl", "-", stdin=stdin).stdout.splitlines()
    ]

    assert [check["score"] for check in checks] == [1, 0, 1, 0]
    assert [check["needs_review"] for check in checks] == [False, False, False, True]
    assert [one["chosen"] for one in checks[1]["choices"]] == [True, True]


def test_check_explains_on_request() -> None:
    """With --explain a line has windows, words, chances and rules, in the terminal's language."""
    line = {
        "question": "什么是事务？",
        "references": ["要么全做，要么全不做。", "一组操作。"],
        "answer": "要么全做要么全不做",
    }
    stdin = json.dumps(line).encode()
    plain = json.loads(run("check", "--jsonl", "-", stdin=stdin).stdout)
    result = run("check", "--jsonl", "-", "--explain", stdin=stdin, language="zh_CN.UTF-8")
    full = json.loads(result.stdout)
    explained = full.pop("explained")

    assert full == plain
    assert [point["position"] for point in explained["points"]] == [1]
    assert explained["points"][0]["windows"][0]["text"] == "要么全做要么全不做"
    assert explained["points"][0]["summary"].startswith("按权重找到了要点 100% 的词")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "EOF"),
        ('{"question": "q", "points": []}', "answer"),
        ('{"question": "q", "answer": "a"}', "points, references and choices"),
        ('{"question": "q", "answer": "a", "points": [{"title": "t"}]}', "points.0.text"),
    ],
)
def test_check_names_a_bad_line(tmp_path: Path, line: str, named: str) -> None:
    """What was checked before a bad line is kept; the line and the fault are named."""
    path = tmp_path / "answers.jsonl"
    good = json.dumps({"question": "q", "points": [{"text": "缓存"}], "answer": "缓存"})
    path.write_text(f"{good}\n{line}\n")
    result = run("check", "--jsonl", path)

    assert result.returncode == 2
    assert len(result.stdout.splitlines()) == 1
    assert f"{path}, line 2: " in result.stderr.decode()
    assert named in result.stderr.decode()


def test_check_answers_each_line_before_it_reads_the_next() -> None:
    """Whoever waits for a verdict before sending the next answer is not kept waiting."""
    line = json.dumps({"question": "q", "points": [{"text": "缓存"}], "answer": "缓存"})
    with subprocess.Popen(
        [sys.executable, "-m", "app", "check", "--jsonl", "-"],
        cwd=ROOT,
        env=os.environ | {"TIKU_ENGINE": "lexical"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(3):
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["score"] == 1
        process.stdin.close()

        assert process.stdout.read() == ""
    assert process.returncode == 0


def test_check_shows_its_progress_on_a_terminal(tmp_path: Path) -> None:
    """With results in a file, the terminal says how many answers were checked."""
    line = json.dumps({"question": "q", "points": [{"text": "缓存"}], "answer": "缓存"})
    path = tmp_path / "answers.jsonl"
    path.write_text(f"{line}\n" * 3)
    terminal, other_end = os.openpty()
    with os.fdopen(other_end, "wb") as stderr:
        result = subprocess.run(
            [sys.executable, "-m", "app", "check", "--jsonl", path],
            cwd=ROOT,
            env=os.environ | {"TIKU_ENGINE": "lexical", "LC_ALL": "C.UTF-8", "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            check=True,
        )
    shown = os.read(terminal, 65_536).decode()
    os.close(terminal)

    assert len(result.stdout.splitlines()) == 3
    assert "Answers checked:" in shown


def test_import_shows_its_plan_before_it_writes(url: str) -> None:
    """A dry run and the import tell the same; afterwards nothing is left to do."""
    arguments = ("import", DOCUMENT, "--overlay", OVERLAY, "--json")
    planned = json.loads(run(*arguments, "--dry-run", url=url).stdout)
    written = json.loads(run(*arguments, url=url).stdout)
    again = json.loads(run(*arguments, url=url).stdout)

    assert planned == written
    assert written["documents"][0]["counts"]["created"] == 8
    assert again["documents"][0]["counts"] == {
        "created": 0,
        "updated": 0,
        "unchanged": 8,
        "missing": 0,
        "archived": 0,
        "suspect": 0,
    }


def test_import_prints_a_plan_to_read(url: str) -> None:
    """Without --json the plan is a table, with the warnings and their lines below."""
    result = run("import", DOCUMENT, "--dry-run", url=url)
    output = result.stdout.decode()

    assert result.returncode == 0, result.stderr
    assert "什么是多模态大模型" in output
    assert "8 created" in output
    assert "multimodal-llm:100: truncated: " in output


def test_import_of_a_bad_overlay_writes_nothing(url: str, tmp_path: Path) -> None:
    """A fault in the overlay is named, and the bank stays as it was."""
    overlay = tmp_path / "overlay.toml"
    overlay.write_text('[[questions]]\ntitle = "x"\ndifficulty = 9\n')
    result = run("import", DOCUMENT, "--overlay", overlay, url=url)
    planned = json.loads(run("import", DOCUMENT, "--dry-run", "--json", url=url).stdout)

    assert result.returncode == 2
    assert "overlay.toml, questions.0.difficulty: " in result.stderr.decode()
    assert planned["documents"][0]["counts"]["created"] == 8


@pytest.mark.parametrize("arguments", [("serve",), ("import", DOCUMENT)])
def test_a_bank_without_tables_is_refused(arguments: tuple[object, ...], tmp_path: Path) -> None:
    """On an unmigrated database the command line says what to do."""
    result = run(*arguments, url=f"sqlite:///{tmp_path / 'new.db'}")

    assert result.returncode == 2
    assert "tiku migrate" in result.stderr.decode()


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that does not fit names its variable, without a traceback."""
    monkeypatch.setenv("TIKU_PORT", "eighty")
    result = run("serve")

    assert result.returncode == 2
    assert result.stderr.decode().startswith("tiku: TIKU_PORT: ")
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"TIKU_CORS_ORIGINS": "https://a.example"}, "tiku: TIKU_CORS_ORIGINS: "),
        ({"TIKU_CORS_ORIGINS": '{"a": 1}'}, "tiku: TIKU_CORS_ORIGINS: "),
        ({"TIKU_DATABASE_URL": "postgresql://tiku@127.0.0.1:1/none"}, "tiku: "),
        (
            {"TIKU_DATABASE_REPLICA_URL": "postgresql://tiku@127.0.0.1:1/none"},
            "tiku: TIKU_DATABASE_REPLICA_URL: ",
        ),
        ({"TIKU_DATABASE_URL": f"sqlite:///{ROOT / 'LICENSE'}"}, "tiku: "),
        ({"TIKU_DATABASE_URL": f"sqlite:///{ROOT / 'LICENSE' / 'bank.db'}"}, "tiku: "),
    ],
    ids=["cors", "cors-object", "postgres", "replica", "no-database", "no-folder"],
)
def test_migrating_by_bad_settings_is_one_line(settings: dict[str, str], said: str) -> None:
    """A list that is none, a server that is not there, a replica of a file, no database."""
    result = run("migrate", settings=settings)

    assert result.returncode == 2, result.stderr
    assert result.stderr.decode().startswith(said)
    assert result.stderr.count(b"\n") == 1


def test_origins_are_a_json_list() -> None:
    """A good list is taken, of the environment or given in Python."""
    result = run("parse", DOCUMENT, settings={"TIKU_CORS_ORIGINS": '["https://a.example"]'})

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("settings", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "gbk"}])
def test_terminals_without_utf_8_are_answered(url: str, settings: dict[str, str]) -> None:
    """Tables use escapes for what the terminal lacks; JSON for programs is UTF-8 all the same."""
    table = run("parse", DOCUMENT, settings=settings)
    data = run("parse", DOCUMENT, "--json", settings=settings)
    plan = run("import", DOCUMENT, "--dry-run", url=url, settings=settings, language="zh_CN.UTF-8")

    assert table.returncode == data.returncode == plan.returncode == 0, plan.stderr
    assert json.loads(data.stdout.decode())["questions"][0]["title"].startswith("什么是")
    assert "multimodal-llm" in plan.stdout.decode(settings["PYTHONIOENCODING"])


def test_a_reading_that_takes_too_long_is_one_line() -> None:
    """The limit is a setting, at the command line as over HTTP."""
    result = run("parse", DOCUMENT, settings={"TIKU_MAX_READING_SECONDS": "0.000000001"})

    assert result.returncode == 2
    assert "takes more than 1e-09 seconds" in result.stderr.decode()
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("url", "named"),
    [("ftp://host/v1", "TIKU_GRADER_URL"), ("http://127.0.0.1:1/v1", "TIKU_GRADER_MODEL")],
)
def test_a_grader_that_is_half_set_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str, named: str
) -> None:
    """An address that is none, and one without a model, are refused at the start."""
    monkeypatch.setenv("TIKU_GRADER_URL", url)
    monkeypatch.setenv("TIKU_GRADER_KEY", "sk-secret")
    result = run("serve")

    assert result.returncode == 2
    assert result.stderr.decode().startswith(f"tiku: {named}: ")
    assert b"sk-secret" not in result.stderr


def test_an_import_marks_its_drafts(url: str) -> None:
    """A question that breaks off is shown as a draft before anything is written."""
    planned = json.loads(run("import", DOCUMENT, "--dry-run", "--json", url=url).stdout)

    assert [entry["draft"] for entry in planned["documents"][0]["questions"]] == [False] * 7 + [
        True
    ]


def test_a_folder_is_imported_as_its_documents(url: str, tmp_path: Path) -> None:
    """Every Markdown file below a folder becomes a source of its own."""
    for name in ("b.md", "a/b.md"):
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"## 什么是 {name}？\n\n**答案：** 一个文件。\n")
    plans = json.loads(run("import", tmp_path / "notes", "--json", url=url).stdout)

    found = [(plan["source"], plan["counts"]["created"]) for plan in plans["documents"]]
    assert found == [("a-b", 1), ("b", 1)]


def test_keys_are_made_listed_and_revoked(url: str) -> None:
    """A key is shown once; the list has its beginning, its end and its state."""
    arguments = ("keys", "create", "--name", "editor", "--scope", "edit")
    key = json.loads(run(*arguments, "--json", "--expires", "2999-12-31", url=url).stdout)["key"]
    before = run("keys", "list", url=url).stdout.decode()
    revoked = run("keys", "revoke", key[:11], url=url)
    after = json.loads(run("keys", "list", "--json", url=url).stdout)

    assert key.startswith("tk_")
    assert key not in before
    assert key[:11] in before
    assert "2999-12-31" in before
    assert "valid" in before
    assert revoked.returncode == 0
    assert after[0]["revoked_at"] is not None


def test_bad_keys_are_named(url: str) -> None:
    """An unknown scope and an unknown key are refused."""
    scope = run("keys", "create", "--name", "x", "--scope", "all", url=url)
    prefix = run("keys", "revoke", "tk_nothing", url=url)

    assert scope.returncode == prefix.returncode == 2
    assert "all" in scope.stderr.decode()
    assert "tk_nothing" in prefix.stderr.decode()


def test_export_writes_a_file_or_standard_output(seeded_url: str, tmp_path: Path) -> None:
    """The bytes are the same, and can be parsed again."""
    path = tmp_path / "bank.md"
    written = run("export", "--topic", "applications", "--output", path, url=seeded_url)
    printed = run("export", "--topic", "applications", url=seeded_url)

    assert written.returncode == 0, written.stderr
    assert path.read_bytes() == printed.stdout
    assert len(parse(path)["questions"]) == 4


def test_export_refuses_unknown_formats(seeded_url: str) -> None:
    """A format that does not exist is named."""
    result = run("export", "--format", "pdf", url=seeded_url)
    kind = run("export", "--kind", "essay", url=seeded_url)

    assert result.returncode == kind.returncode == 2
    assert "pdf" in result.stderr.decode()
    assert "essay" in kind.stderr.decode()


def test_a_profile_is_a_name_or_a_file(tmp_path: Path) -> None:
    """What a document cannot say is said by a shipped profile or one of the user's own."""
    document, profile = tmp_path / "notes.md", tmp_path / "mine.toml"
    document.write_text("# 笔记\n\n## 虚拟内存\n\n分页。\n\n## 调度\n\n决定谁先运行。\n")
    profile.write_text("question_levels = [2]\n")
    by_name = run("parse", document, "--profile", "headings", "--json")
    by_file = run("parse", document, "--profile", profile, "--json")
    unknown = run("parse", document, "--profile", "none")

    assert len(json.loads(by_name.stdout)["questions"]) == 2
    assert by_file.stdout == by_name.stdout
    assert unknown.returncode == 2


def test_parse_prints_a_table_to_read() -> None:
    """Without --json there is a table with a line a question, and the warnings below."""
    output = run("parse", DOCUMENT).stdout.decode()

    assert "多模态大模型有哪些关键技术？" in output
    assert "multimodal-llm:100: truncated: " in output


def test_checking_an_unreadable_file_is_named() -> None:
    """A file of answers that is not there is named."""
    result = run("check", "--jsonl", "nowhere.jsonl")

    assert result.returncode == 2
    assert "nowhere.jsonl" in result.stderr.decode()
