from voice_faq.evaluation.transcripts import character_errors, error_rate, interval, mixed_errors


def test_error_rates_count_characters() -> None:
    errors = [character_errors("怎么退卡？", "怎么 推卡"), character_errors("Apple Pay", "apple pay")]
    assert error_rate(errors) == 1 / 12


def test_a_latin_word_is_one_token() -> None:
    assert mixed_errors("用Apple Watch刷卡", "用 apple 我吃 刷卡").wrong == 2
    assert mixed_errors("用Apple Watch刷卡", "用 apple 我吃 刷卡").length == 5


def test_an_interval_holds_the_rate_and_is_the_same_each_time() -> None:
    errors = [character_errors("一二三四五", heard) for heard in ("一二三四五", "一二三四", "六二三七五", "")]
    low, high = interval(errors)
    assert low < error_rate(errors) < high and (low, high) == interval(errors)
