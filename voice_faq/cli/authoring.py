"""An operator's own answers: ``init`` a folder, ``import`` and ``export`` tables, ``edit`` in a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption, a_path, a_text
from voice_faq.cli.printing import complain, err, print_json, say
from voice_faq.cli.usage import ExcludedError
from voice_faq.errors import InputError, reason

FolderArgument = Annotated[
    Path | None, typer.Argument(metavar="[文件夹]", help="自己的答案文件夹，同 --answers。", parser=a_path)
]


def init(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="新文件夹的名字，例如 我的问答。", parser=a_path)],
) -> None:
    """新建一套自己的问答：一个文件夹，里面有几个能用的条目和说明。"""
    from voice_faq.advice import command
    from voice_faq.authoring.starting import start_folder

    made = start_folder(folder)
    say(
        f"建好了：{made}\n"
        f"改成自己的问题和答案：{command('edit', answers=made)}\n"
        f"已经有表格（CSV、Excel）：{command('import', '表格.xlsx', answers=made)}\n"
        f"试一试：{command('ask', '厕所在哪里', answers=made)}"
    )


def import_table(
    context: typer.Context,
    table: Annotated[
        Path,
        typer.Argument(metavar="表格", help=".csv、.xlsx、.yaml、Rasa NLU、Rhasspy 的 sentences.ini", parser=a_path),
    ],
    answers: AnswersOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="不再询问，直接导入。")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="只看会改什么，不导入。")] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="表格里有的条目，问法以表格为准；不写则只增加，不去掉。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="打印 JSON。")] = False,
) -> None:
    """把表格里的问题和答案导入进来；先列出会改什么，再问要不要改。"""
    from voice_faq.advice import command
    from voice_faq.authoring.folder import AnswersFolder
    from voice_faq.authoring.importing import plan_import
    from voice_faq.authoring.tables import read_table
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings

    if yes and preview:
        raise ExcludedError("--preview 只看不导入，--yes 不经询问就导入，不能一起写。请去掉一个。", context)
    settings = load_settings(answers=answers)
    folder = AnswersFolder(settings.answers)
    try:
        content = table.read_bytes()
    except OSError as error:
        raise InputError(f"{table}：读不了（{reason(error)}）。请检查路径。") from None
    read = read_table(table.name, content)
    load_faq(settings.answers)  # an import never builds on answers that have mistakes
    plan = plan_import(folder.document(), read, exact=exact)
    kept = ["表格里没有的问法、同义词、读音不会去掉；要以表格为准，把它们去掉，请加上 --exact。"] * plan.kept
    if as_json:
        print_json({
            "answers": str(folder.path), "new": plan.count("new"), "changed": plan.count("changed"),
            "same": plan.count("same"), "trouble": plan.count("trouble"), "out_of_scope": len(plan.out_of_scope),
            "remarks": plan.remarks + kept,
            "rows": [
                {"kind": c.kind, "where": c.where, "entry": c.entry, "question": c.question, "told": list(c.told)}
                for c in plan.changes
            ],
        })  # fmt: skip
    else:
        kinds = {"new": "新增", "changed": "修改", "same": "不变", "trouble": "不能导入"}
        say(f"答案文件夹：{folder.path}")
        for remark in plan.remarks:
            say(remark)
        for change in plan.changes:
            if change.kind != "same" or change.told:
                say(f"{kinds[change.kind]}　{change.where}　{change.entry}　{change.question}")
                for told in change.told:
                    say(f"　　{told}")
        for line in (*kept, plan.told):
            say(line)
    if not preview and not plan.changes_nothing:
        if not yes and not _confirmed():
            complain("什么都没有改。要不经询问直接导入，请加上 --yes。")
            raise typer.Exit(1)
        folder.change(f"导入 {table.name}", lambda document: plan_import(document, read, exact=exact).applied(document))
        if not as_json:
            say(f"导入好了。原来的内容在 history 文件夹里，要恢复，请运行：{command('edit', answers=folder.path)}")
    if plan.count("trouble"):
        raise typer.Exit(1)


def export_table(
    table: Annotated[
        Path | None, typer.Argument(metavar="文件", help="写到哪里，例如 问答.xlsx。", parser=a_path)
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--format", help="csv、tsv、xlsx、yaml、rasa、rhasspy；不写则看文件名。", parser=a_text),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="已经有这个文件时换掉它。")] = False,
    answers: AnswersOption = None,
) -> None:
    """把所有问题和答案写成一个表格，改好之后可以再导入。"""
    from voice_faq.authoring.exporting import exported
    from voice_faq.authoring.saving import read_bytes, write_whole
    from voice_faq.authoring.tables import EXPORT_FORMATS
    from voice_faq.faq import load_faq
    from voice_faq.faq.opening import FAQ_FILE
    from voice_faq.files import expanded
    from voice_faq.settings import load_settings

    if table is None:
        raise InputError("请写上文件名，例如：voice-faq export 问答.xlsx")
    by_suffix = {"yml": "yaml", "ini": "rhasspy", "txt": "tsv"}
    suffix = table.suffix.lower().removeprefix(".")
    kind = kind or by_suffix.get(suffix, suffix)
    if kind not in EXPORT_FORMATS:
        raise InputError(f"{table}：看不出要写成什么格式。请用 --format 写明：{'、'.join(EXPORT_FORMATS)}。")
    table = expanded(table)
    try:
        taken = table.exists()
    except OSError as error:
        raise InputError(f"{table}：写不了（{reason(error)}）。请换个名字。") from None
    if taken and not force:
        raise InputError(f"{table}：已经有这个文件，没有改它。请换个名字，或加上 --force。")
    settings = load_settings(answers=answers)
    load_faq(settings.answers)
    file = settings.answers / FAQ_FILE
    content = read_bytes(file) or b""
    count, written = exported(kind, file, content)
    write_whole(table, written)
    rewritten = kind == "yaml" and written != content
    how = "换成了一般的写法，“#”后面的说明没有带过去" if rewritten else EXPORT_FORMATS[kind]
    say(f"{settings.answers} 的 {count} 个条目写到了 {table}（{how}）。")
    if rewritten:
        say(f"{file} 的写法不能自动修改，可以用 {table} 替换它。")


def edit(
    context: typer.Context,
    folder: FolderArgument = None,
    answers: AnswersOption = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="网页的端口，0 表示任选一个空闲的。")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="用默认的浏览器打开。")] = True,
    model: ModelOption = None,
) -> None:
    """打开编辑网页：写问题和答案、导入表格、试问、录声音、编译模型。只在本机可见。"""
    import webbrowser

    from voice_faq.editor.desk import open_editor
    from voice_faq.editor.server import serve
    from voice_faq.files import expanded
    from voice_faq.gaps.opening import open_questions
    from voice_faq.settings import load_settings

    if folder is not None and answers is not None and expanded(folder).resolve() != expanded(answers).resolve():
        raise ExcludedError(f"写了两个不同的答案文件夹：{folder} 和 --answers {answers}。请只写一个。", context)
    settings = load_settings(answers=answers or folder, model=model)
    with err().status("正在打开……"):
        editor = open_editor(settings, open_questions(settings))

    def ready(address: str) -> None:
        say(f"答案文件夹：{settings.answers}")
        say(f"请在这台机器的浏览器里打开：{address}\n这个地址只能用一次；Ctrl-C 结束。")
        if browser:
            webbrowser.open(address)

    serve(editor, port=port, ready=ready)


def _confirmed() -> bool:
    try:
        return typer.confirm("导入吗？", default=False, err=True)
    except typer.Abort:
        return False
