import re

import numpy as np
import pytest

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.replies import spot
from voice_faq.dialogue.turn import Timings
from voice_faq.errors import AudioError
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis
from voice_faq.matching import Candidate, Matcher
from voice_faq.matching.parts import corrected
from voice_faq.recognition import VoskRecognizer
from voice_faq.speech.clauses import joined
from voice_faq.speech.voice import SystemVoice, begin_speaking

from ..conftest import DATA

CONTRACT = [
    "input", "transcript", "alternatives", "decision", "entry", "score", "candidates", "answer", "command",
    "timings_ms",
]  # fmt: skip


@pytest.fixture
def assistant(faq: Faq, matcher: Matcher) -> Assistant:
    return Assistant(faq, matcher, None, longest_question_s=60)


def test_a_turn_has_the_contracts_keys_in_its_order(assistant: Assistant) -> None:
    for question in ("怎么退卡", "今天天气怎么样", "再说一遍", ""):
        turn = assistant.ask_text(question).as_json()
        assert list(turn) == CONTRACT
        assert list(turn["timings_ms"]) == ["recognize", "match", "speak"]
    failed = assistant.unusable("a.wav", "坏了").as_json()
    assert list(failed) == [*CONTRACT, "error"] and failed["decision"] == "reject"


def test_an_answer_can_be_repeated(assistant: Assistant, faq: Faq) -> None:
    assert assistant.ask_text("再说一遍").answer == faq.prompts.nothing_to_repeat
    answer = assistant.ask_text("怎么退卡").answer
    assistant.ask_text("今天天气怎么样")
    repeated = assistant.ask_text("再说一遍")
    assert (repeated.command, repeated.answer) == (Command.REPEAT, answer)
    assistant.forget()
    assert assistant.ask_text("再说一遍").answer == faq.prompts.nothing_to_repeat


def test_the_second_failure_in_a_row_offers_the_hotline(assistant: Assistant, faq: Faq) -> None:
    assert assistant.ask_text("今天天气怎么样").answer == faq.prompts.not_known
    assert faq.hotline in assistant.ask_text("厕所在哪里").answer
    assistant.ask_text("怎么退卡")
    assert assistant.ask_text("厕所在哪里").answer == faq.prompts.not_known


def test_nothing_heard_asks_to_say_it_again(assistant: Assistant, faq: Faq) -> None:
    assert assistant.ask_text("  ").answer == faq.prompts.not_caught


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("再说一遍", Command.REPEAT),
        ("请再说一次吧", Command.REPEAT),
        ("在说一边", Command.REPEAT),
        ("停", Command.STOP),
        ("别说了", Command.STOP),
        ("退出", Command.QUIT),
        ("再见", Command.QUIT),
        ("帮助", Command.HELP),
        ("怎么退卡", None),
        ("停机了还能刷吗", None),
        ("退出站记录", None),
        ("结束日期是哪天", None),
        ("说慢一点", Command.SLOWER),
        ("快点儿", Command.FASTER),
        ("声音大一点", Command.LOUDER),
        ("太大声了", Command.QUIETER),
        ("返回", Command.BACK),
    ],
)
def test_commands_are_spotted_and_questions_are_not(said: str, command: Command | None) -> None:
    assert spot([Hypothesis(said, 1.0)]) is command


def test_no_wording_of_the_faq_is_taken_for_a_command(faq: Faq) -> None:
    for entry in faq.entries:
        for wording in entry.all_wordings:
            assert spot([Hypothesis(wording, 1.0)]) is None, wording


def test_a_noise_that_sounds_like_a_command_ends_nothing() -> None:
    assert spot([Hypothesis("走了", 0.2)]) is None
    assert spot([Hypothesis("走了", 0.8)]) is Command.QUIT
    assert spot([Hypothesis("停", 0.1)]) is Command.STOP


def test_a_recording_that_is_too_long_is_refused(faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> None:
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=60)
    with pytest.raises(AudioError, match="录音有 61 秒，一个问题最长 60 秒"):
        assistant.ask_recording("long.wav", Recording(np.zeros(61 * 8000, np.int16), 8000))


@pytest.mark.recognition
@pytest.mark.voice
def test_a_spoken_question_becomes_a_spoken_answer(faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> None:
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=60)
    turn = assistant.ask_recording("refund", read_recording(DATA / "recordings/canonical-refund.flac"))
    assert turn.entry == "refund"
    speech = joined(begin_speaking(SystemVoice(faq.pronunciations), turn))
    assert speech is not None and 5 < speech.seconds < 20
    assert all(value > 0 for value in turn.as_json()["timings_ms"].values())


@pytest.mark.recognition
def test_quiet_noise_is_not_taken_for_speech(faq: Faq, matcher: Matcher, recognizer: VoskRecognizer) -> None:
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=60)
    hiss = np.random.default_rng(1).normal(scale=15, size=5 * 16_000).astype(np.int16)
    turn = assistant.ask_recording("hiss", Recording(hiss, 16_000))
    assert (turn.decision, turn.transcript, turn.answer) == ("reject", "", faq.prompts.not_caught)


def test_timings_are_those_of_the_turn(assistant: Assistant) -> None:
    timings = Timings(recognize=12.34)
    turn = assistant.decide("microphone", [Hypothesis("怎么退卡", 1.0)], timings)
    assert turn.as_json()["timings_ms"]["recognize"] == 12.3
    assert turn.timings.match > 0


def test_slower_and_louder_repeat_the_answer_and_stop_at_the_end(assistant: Assistant, faq: Faq) -> None:
    answer = assistant.ask_text("怎么退卡").answer
    assert assistant.ask_text("慢一点").answer == faq.prompts.adjusted + answer
    assert assistant.manner.pace < 1 and assistant.manner.loudness == 1
    for _ in range(3):
        assistant.ask_text("再慢一点")
    assert assistant.ask_text("慢一点").answer == faq.prompts.at_limit + answer
    assistant.ask_text("大声一点")
    assert assistant.manner.loudness > 1
    assistant.forget()
    assert assistant.manner.pace == assistant.manner.loudness == 1


def test_courtesy_is_returned(assistant: Assistant, faq: Faq) -> None:
    for said, answer in (
        ("你好", faq.prompts.greeting),
        ("谢谢您！", faq.prompts.welcome),
        ("好的，谢谢", faq.prompts.welcome),
    ):
        turn = assistant.ask_text(said)
        assert (turn.decision, turn.entry, turn.answer) == ("command", None, answer), said
    assert assistant.ask_text("您好，怎么退卡").entry == "refund"


def test_words_that_only_go_on_from_a_question_are_not_answered_without_one(assistant: Assistant) -> None:
    assert assistant.ask_text("那手表呢").decision != "answer"


UNCLEAR = "退卡"
HELD_BACK = "我想把它注销了，给不给发票"  # offered alone by a rule, however sure it is


def test_a_choice_is_answered_by_number(assistant: Assistant) -> None:
    offered = assistant.ask_text(UNCLEAR)
    assert offered.decision == "clarify" and len(offered.candidates) >= 2
    chosen = assistant.ask_text("第二个")
    assert (chosen.decision, chosen.entry, chosen.command) == ("answer", offered.candidates[1].entry, Command.SECOND)
    assert assistant.ask_text("第一个").entry == offered.candidates[0].entry  # the other one after all
    assistant.ask_text("能透支吗")
    assert assistant.ask_text("第一个").entry is None


def test_a_choice_is_answered_by_wording(assistant: Assistant, matcher: Matcher) -> None:
    words = "坏了的那个"
    alone = matcher.match([Hypothesis(words, 1.0)]).candidates[0]
    after = matcher.match([Hypothesis(words, 1.0)], expected=["refund", "damaged-device"]).candidates[0]
    assert after.entry == alone.entry == "damaged-device" and after.score > alone.score
    assistant.ask_text(UNCLEAR)
    assert assistant.ask_text(words).entry == "damaged-device"


def test_none_of_the_choices_helps_on_and_a_yes_asks_which(assistant: Assistant, faq: Faq) -> None:
    assistant.ask_text(UNCLEAR)
    assert assistant.ask_text("好的").answer == faq.prompts.choose
    assert assistant.ask_text("都不是").answer == faq.prompts.not_known
    assert assistant.ask_text("第一个").command is None


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("不是第一个", 1),
        ("不要第二个", 0),
        ("第二个不要", 0),
        ("不是第一个，是第二个", 1),
        ("要第一个不要第二个", 0),
        ("不是，第二个", 1),
        ("不要最后一个", 0),
        ("不是二", 0),
    ],
)
def test_who_refuses_one_of_two_means_the_other(assistant: Assistant, said: str, place: int) -> None:
    offered = assistant.ask_text(UNCLEAR).candidates
    assert len(offered) == 2
    chosen = assistant.ask_text(said)
    assert (chosen.decision, chosen.entry) == ("answer", offered[place].entry)
    assert chosen.command is (Command.FIRST, Command.SECOND)[place]


@pytest.mark.parametrize("said", ["两个都要", "都想知道", "都要", "两个都是", "不要第三个"])
def test_who_wants_all_that_is_offered_is_asked_which_comes_first(assistant: Assistant, faq: Faq, said: str) -> None:
    assistant.ask_text(UNCLEAR)
    turn = assistant.ask_text(said)
    assert (turn.entry, turn.answer, turn.reason) == (None, faq.prompts.choose, None)
    assert assistant.ask_text("第一个").entry is not None
    assert assistant.ask_text("厕所在哪里").answer == faq.prompts.not_known  # no failure came before


def test_who_refuses_one_of_three_is_offered_the_others(assistant: Assistant) -> None:
    three = tuple(Candidate(entry.id, 0.3) for entry in assistant.faq.entries[:3])
    assistant._offer(three)
    left = assistant.ask_text("不要第二个")
    assert (left.decision, left.candidates) == ("clarify", (three[0], three[2]))
    assert assistant.ask_text("第二个").entry == three[2].entry


@pytest.mark.parametrize("said", ["不退卡", "别说退卡", "跟退卡没关系", "退卡不用说", "我要的不是退卡"])
def test_what_was_offered_is_declined_in_other_words(assistant: Assistant, said: str) -> None:
    assert {"refund", "fees"} == {c.entry for c in assistant.ask_text("怎么退卡和要押金吗").candidates}
    assert [c.entry for c in assistant.ask_text(said).candidates] == ["fees"]


DENIALS = ("不是{}", "不是问{}", "我不是问{}", "不是{}的事", "不是说{}", "我没问{}", "{}不是")


@pytest.mark.parametrize("said", DENIALS)
def test_a_choice_that_is_denied_in_its_words_is_not_answered(assistant: Assistant, faq: Faq, said: str) -> None:
    asked = 0
    for question in ("退卡", "余额", "地铁", "充值", "手机坏了"):
        offered = [c.entry for c in assistant.ask_text(question).candidates]
        assistant.forget()
        for entry in offered:
            if assistant.ask_text(question).decision != "clarify":
                continue
            turn = assistant.ask_text(said.format(faq.entry(entry).asked))
            assert turn.entry != entry, (question, entry)
            assert turn.decision != "clarify" or entry not in {c.entry for c in turn.candidates}, (question, entry)
            assistant.forget()
            asked += 1
    assert asked > 5


def test_the_answer_that_was_given_is_not_given_again_to_who_denies_it(assistant: Assistant, faq: Faq) -> None:
    for said in ("不是怎么退卡", "我没问退卡", "不是问这个"):
        assistant.ask_text("怎么退卡")
        assert assistant.ask_text(said).entry is None
        assistant.forget()
    assert assistant.ask_text("我没问退卡").answer == faq.prompts.listening


@pytest.mark.parametrize("asked", ["退卡", "怎么退卡", HELD_BACK, "今天天气怎么样"])
@pytest.mark.parametrize("no", ["不对，我是问{}", "不是我问的是{}", "不，我想问{}", "都不是，我说的是{}"])
def test_a_no_with_a_question_behind_it_asks_that(assistant: Assistant, asked: str, no: str) -> None:
    assistant.ask_text(asked)
    turn = assistant.ask_text(no.format("怎么开卡"))
    assert (turn.decision, turn.entry, turn.transcript) == ("answer", "how-to-open", no.format("怎么开卡"))
    assert turn.score == pytest.approx(assistant.ask_text("怎么开卡").score)


@pytest.mark.parametrize("said", ["不是本人能办吗", "不想问退卡", "不是我想问的问题", "不是想问退卡"])
def test_a_no_that_belongs_to_its_question_stays(said: str) -> None:
    assert corrected(said) == said


def test_a_question_goes_on_from_what_was_offered_and_from_no_question_that_was_refused(assistant: Assistant) -> None:
    for between, entries in (("退卡", {None, "refund"}), ("今天天气怎么样", {None})):
        assistant.ask_text("怎么开卡")
        assistant.ask_text(between)
        assert assistant.ask_text("那手表呢").entry in entries, between
    assistant.ask_text("苹果六能用吗")
    assert assistant.ask_text("那厕所呢").entry is None  # it goes on itself, so the next may too
    assert assistant.ask_text("那手表呢").entry == "requirements"
    assistant.ask_text("怎么开卡")
    assistant.ask_text(UNCLEAR)
    assistant.ask_text("都不是")
    assert assistant.ask_text("那手表呢").entry is None


@pytest.mark.parametrize("said", "为什么 多久 多少 什么时候 怎么办 为什么呢".split())
def test_a_question_word_alone_is_no_question_after_an_answer(assistant: Assistant, faq: Faq, said: str) -> None:
    for question in ("能透支吗", "怎么退卡"):
        assert assistant.ask_text(question).decision == "answer"
        turn = assistant.ask_text(said)
        assert (turn.entry, turn.answer, turn.reason) == (None, faq.prompts.listening, None)
    assert assistant.ask_text("那手表呢").decision == "answer"  # goes on from 怎么退卡 all the same


@pytest.mark.parametrize("said", "好的 嗯 在的 第三个 等一下 为什么 不知道 两个都要 不对".split())
@pytest.mark.parametrize("before", ["", "怎么退卡", "退卡"])
def test_words_to_the_machine_count_as_no_question_that_was_refused(
    assistant: Assistant, before: str, said: str
) -> None:
    if before:
        assistant.ask_text(before)
    assert assistant.ask_text(said).counts_as == "command"
    for refused in ("今天天气怎么样", "  "):
        assert assistant.ask_text(refused).counts_as == "reject"
    assert assistant.unusable("a.wav", "坏了").counts_as == "reject"


@pytest.mark.parametrize("said", ["是", "对，就是这个", "嗯嗯", "第一个"])
def test_one_question_is_offered_alone_and_a_yes_answers_it(assistant: Assistant, faq: Faq, said: str) -> None:
    offered = assistant.ask_text(HELD_BACK)
    question = faq.entry("refund").question
    assert offered.decision == "clarify" and [c.entry for c in offered.candidates] == ["refund"]
    assert offered.answer == faq.prompts.confirm.replace("{question}", question) and question in offered.answer
    chosen = assistant.ask_text(said)
    assert (chosen.decision, chosen.entry, chosen.answer) == ("answer", "refund", faq.entry("refund").answer)
    assert assistant.ask_text("是").decision != "answer"  # it has been answered


def test_one_question_that_is_offered_can_be_refused_and_is_asked_again(assistant: Assistant, faq: Faq) -> None:
    offered = assistant.ask_text(HELD_BACK).answer
    for said in ("等一下", "第二个", "再说一遍"):
        assert assistant.ask_text(said).answer == offered, said
    assert assistant.ask_text("不是").answer == faq.prompts.not_known
    assert assistant.ask_text("是").answer == faq.prompts.listening


def test_a_mark_at_a_questions_end_is_not_said_twice(faq: Faq, matcher: Matcher) -> None:
    marked = [entry.model_copy(update={"question": f"{entry.question}？"}) for entry in faq.entries]
    asker = Assistant(faq.model_copy(update={"entries": marked}), matcher, None, longest_question_s=60)
    for text in (HELD_BACK, UNCLEAR):
        assert not re.search("？[？；]", asker.ask_text(text).answer)


def test_a_few_words_go_on_from_the_last_question(faq: Faq, matcher: Matcher) -> None:
    now = 0.0
    assistant = Assistant(faq, matcher, None, longest_question_s=60, clock=lambda: now)
    for first, then, entry in [
        ("苹果六能用吗", "那手表呢", "requirements"),
        ("怎么退卡", "要多少钱", "fees"),
        ("怎么开卡", "那厕所呢", None),
    ]:
        assistant.forget()
        assistant.ask_text(first)
        assert assistant.ask_text(then).entry == entry, then
    assistant.ask_text("苹果六能用吗")
    now += 31
    assert assistant.ask_text("那手表呢").entry != "requirements"


@pytest.mark.parametrize(
    "said",
    """
    在的 是的 还在 好的 嗯 什么 什么时候 为什么 那个 请问一下 不知道 等一下 第二个 二 不对 继续 对 没有 你们 一样
    """.split(),
)
def test_a_word_that_replies_to_nothing_is_asked_back(assistant: Assistant, faq: Faq, said: str) -> None:
    turn = assistant.ask_text(said)
    assert (turn.decision, turn.entry, turn.score, turn.answer) == ("reject", None, 0.0, faq.prompts.listening)
    assert assistant.ask_text("怎么退卡").entry == "refund"


def test_who_is_there_and_never_mind_are_answered_without_the_faq(assistant: Assistant, faq: Faq) -> None:
    for said, command, answer in (
        ("你是谁", Command.WHO, faq.prompts.who),
        ("你是真人吗", Command.WHO, faq.prompts.who),
        ("算了，没事", Command.NEVER_MIND, faq.prompts.adjusted),
    ):
        turn = assistant.ask_text(said)
        assert (turn.decision, turn.entry, turn.command, turn.answer) == ("command", None, command, answer)


def test_what_after_an_answer_asks_for_it_again(assistant: Assistant) -> None:
    answer = assistant.ask_text("怎么退卡").answer
    for said in ("什么", "啊，什么意思", "继续说", "我没听清"):
        assert assistant.ask_text(said).answer == answer, said
    assistant.forget()
    assert assistant.ask_text("什么").answer != answer


def test_a_choice_is_answered_in_any_words(assistant: Assistant, faq: Faq) -> None:
    for said, place in (("是第一个", 0), ("嗯，就第二个吧", 1), ("最后一个", -1), ("我要1", 0)):
        offered = assistant.ask_text(UNCLEAR).candidates
        assert assistant.ask_text(said).entry == offered[place].entry, said
    assistant.ask_text(UNCLEAR)
    for said in ("是的", "不知道", "等一下", "第五个", "在的"):
        turn = assistant.ask_text(said)
        assert (turn.entry, turn.answer) == (None, faq.prompts.choose), said
    assert assistant.ask_text("第一个").entry


def test_two_wrong_answers_in_a_row_offer_the_hotline(assistant: Assistant, faq: Faq) -> None:
    assistant.ask_text("怎么退卡")
    assert assistant.ask_text("不是这个").answer == faq.prompts.listening
    assert faq.hotline in assistant.ask_text("不对").answer


NEAR_MISSES = """
    看一下余额 卡上的钱怎么查 帮忙看看卡里多少钱 卡里金额怎么查询 往卡里存钱怎么弄 微信给卡充钱行不行 充进去的钱没到
    买了新手机卡怎么弄过去 卡能挪到别的手机上吗 挂失怎么办理 手机被捡走了会不会被人刷 能不能先把卡锁了
    塑料公交卡怎么绑到手机 实体公交卡丢了去哪补 老年证能刷地铁吗 学生公交卡能放手机里吗 学生卡怎么续 上海的卡怎么办
    深圳通在哪退 支付宝上怎么开这个卡 微信里能刷地铁吗 信用卡能刷进站吗 坐到西单几块钱 一个人刷两次给朋友行吗
    没电了还能进站吗 乘车明细哪里查 多收了我一次钱 验证码没收到 能开票吗 能刷来买饮料吗
""".split()


def test_what_is_next_to_the_faq_but_not_in_it_is_hardly_ever_answered(assistant: Assistant) -> None:
    """None of these wordings is among its out_of_scope."""
    assert not set(NEAR_MISSES) & set(assistant.faq.out_of_scope)
    answered = [text for text in NEAR_MISSES if assistant.ask_text(text).decision == "answer"]
    assert len(answered) <= 0.07 * len(NEAR_MISSES), answered


def test_what_the_faq_has_a_wording_for_is_its_own_answer(faq: Faq) -> None:
    thanks = faq.entries[0].model_copy(
        update={"id": "thanks", "question": "谢谢", "wordings": ["取消", "怎么用", "在的"], "answer": "应该的。"}
    )
    with_thanks = Faq.model_construct(**{**dict(faq), "entries": [*faq.entries, thanks]})
    assistant = Assistant(with_thanks, Matcher(with_thanks, 0.02), None, longest_question_s=60)
    for said in ("谢谢", "取消", "怎么用"):
        turn = assistant.ask_text(said)
        assert turn.command is None and turn.candidates[0].entry == "thanks", said
    assert assistant.ask_text("谢谢你啊").command is Command.THANKS


def test_choices_are_forgotten_after_a_while(faq: Faq, matcher: Matcher) -> None:
    now = 0.0
    assistant = Assistant(faq, matcher, None, longest_question_s=60, clock=lambda: now)
    assistant.ask_text(UNCLEAR)
    now += 31
    assert assistant.ask_text("第二个").command is None


@pytest.mark.parametrize(
    "heard",
    [
        [Hypothesis("了", 0.0001), Hypothesis("呢", 0.0001)],
        [Hypothesis("卡", 0.0), Hypothesis("再见", 0.0)],
        [Hypothesis("在", 0.0096)],
        [Hypothesis("天", 0.9)],
        [Hypothesis("个", 0.9)],
    ],
)
def test_a_noise_takes_no_choice_and_the_choice_stays(assistant: Assistant, heard: list[Hypothesis]) -> None:
    offered = assistant.ask_text(HELD_BACK)
    assert offered.decision == "clarify" and len(offered.candidates) == 1
    turn = assistant.decide("microphone", heard, Timings())
    assert turn.entry is None
    if heard[0].confidence < LEAST_UNDERSTOOD:
        assert turn.candidates == offered.candidates
    yes = [Hypothesis("是", 0.0033), Hypothesis("事", 0.0023)]
    assert assistant.decide("microphone", yes, Timings()).entry == "refund"


def test_a_topic_that_sounds_like_the_end_is_offered(assistant: Assistant) -> None:
    heard = [Hypothesis("退卡", 0.7472), Hypothesis("退出", 0.2011)]
    assert assistant.decide("microphone", heard, Timings()).decision == "clarify"
