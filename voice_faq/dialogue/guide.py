"""What a page says to those who do not see it: its errors, its controls, its list of questions."""

from __future__ import annotations

from typing import Final

from voice_faq.faq.entries import Faq

NUMBERS: Final = "一二三四五六七八九"
OTHER_QUESTIONS: Final = "其他"
SENTENCES: Final = {
    "how_to": "按一下按钮或者空格键，开始说话；说完再按一下。想挑问题，按上下键，听到想要的，按回车；也可以按数字键。"
    "按退出键停下或者返回。按零再听一遍用法。",
    "greeting_keys": "要说话，请按一下按钮或者空格键。想听怎么用，请按零。",
    "kept": "没能回答的问题，会去掉号码和人名，留下文字，用来改进回答。不留录音。",
    "list": "所有问题。请按上下键，听到想要的，按回车。",
    "list_group": "这一组的问题。",
    "no_microphone": "麦克风坏了。请按上下键，从问题里选。",
    "no_words": "没有听到说话。请按一下，再说一遍。",
    "trouble": "出了点问题，请再试一次。",
    "offline": "正在重新连接，请稍等。",
    "busy": "现在用的人太多，请稍等。",
    "ended": "这一次结束了。",
    "repeat": "再听一遍",
    "slower": "慢一点",
    "faster": "快一点",
    "louder": "大声一点",
    "quieter": "小声一点",
    "details": "详细说明",
    "browse": "所有问题",
    "none_of_them": "都不是",
    "not_this": "不是这个",
    "help": "怎么用",
    "back": "返回",
    "finish": "结束",
}


def groups(faq: Faq) -> list[str]:
    """Headings of the list, in the order of the entries; entries without one come under OTHER_QUESTIONS."""
    return list(dict.fromkeys(entry.group or OTHER_QUESTIONS for entry in faq.entries))


def sentence(faq: Faq, name: str) -> str | None:
    """What is said by a name: of SENTENCES, of prompts, ``number/2``, ``group/0``, ``question/ID``, ``details/ID``.

    None for an unknown one.
    """
    prompts = faq.prompts
    fixed = {
        **SENTENCES,
        "greeting": prompts.greeting + SENTENCES["greeting_keys"],
        "still_there": prompts.still_there,
        "adjusted": prompts.adjusted,
        "at_limit": prompts.at_limit,
    }
    kind, _, which = name.partition("/")
    try:
        match kind:
            case "number":
                return NUMBERS[range(1, 10).index(int(which))] + "，"
            case "group":
                return dict(enumerate(groups(faq)))[int(which)]
            case "question":
                return faq.entry(which).asked + "？"
            case "details":
                return faq.entry(which).shown
    except (ValueError, KeyError):
        return None
    return fixed.get(name)


def guide_texts(faq: Faq) -> list[str]:
    """All of it, for a voice pack to record; a number stands before a question, as it is heard."""
    numbered = [f"{NUMBERS[i]}，{faq.entries[i % len(faq.entries)].asked}？" for i in range(len(NUMBERS))]
    return [*SENTENCES.values(), *groups(faq), *numbered]
