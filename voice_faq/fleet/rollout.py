"""A publication's next step: from ring to ring, or back.

It looks at what kiosks have said, and writes what they shall have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from voice_faq.fleet import judging
from voice_faq.fleet.judging import Asked, Verdict, asked
from voice_faq.fleet.known import Kiosk, Member, Rollout
from voice_faq.fleet.rings import rings_of
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings

HISTORY_DAYS: Final = 28
CLOCK_S: Final = 10.0
OWN_HISTORY: Final = 200  # questions, from which on a ring is compared with itself and not with the whole fleet


@dataclass(frozen=True)
class Findings:
    """How the rings that have the content are, compared with before."""

    asked: int
    """Kiosks that were told to have it."""
    installed: int
    refused: tuple[Kiosk, ...]
    """That found a fault in it."""
    loading: int
    before: Asked
    after: Asked
    refusals: Verdict
    ill: int
    trouble: Verdict
    silent: int
    silence: Verdict

    @property
    def worse(self) -> str:
        """Why to go back; nothing where there is no reason."""
        if self.refused:
            return f"{self.refused[0].name} 不接受这个内容：{self.refused[0].reason}"[:2_000]
        if self.refusals is Verdict.WORSE:
            return (
                f"答不上来的问题变多了：以前 {self.before.share:.0%}（{self.before.questions} 问），"
                f"现在 {self.after.share:.0%}（{self.after.questions} 问）。"
            )
        if self.trouble is Verdict.WORSE:
            return f"{self.installed} 台里有 {self.ill} 台换上以后出了故障。"
        if self.silence is Verdict.WORSE:
            return f"{self.asked} 台里有 {self.silent} 台换上以后失联了。"
        return ""

    @property
    def waits_for(self) -> str:
        """What is not known yet; nothing where all is well."""
        if self.loading or not self.installed:
            return f"还有 {self.loading} 台没有换好。"
        if Verdict.UNKNOWN in (self.trouble, self.silence):
            return f"有 {self.ill} 台出了故障、{self.silent} 台失联，还说不准是不是内容引起的。"
        if self.refusals is Verdict.UNKNOWN:
            return f"换上以后只有 {self.after.questions} 个问题（{self.after.refused} 个答不上来），还说不准。"
        return ""


def begin(state: State, rollout: Rollout, kiosks: Mapping[str, Kiosk], shares: Sequence[float], now: float) -> None:
    """Who is in which ring is settled now; the first ring shall have the content."""
    away = {kiosk.name for kiosk in kiosks.values() if not kiosk.online}
    rings = rings_of(kiosks, shares, away=away)
    # What a kiosk was told to have last counts, not what it has: it may still be on its way back from a bad one.
    members = [
        Member(name, ring, kiosk.wanted or kiosk.content, kiosk.well, kiosk.online)
        for name, ring in rings.items()
        for kiosk in [kiosks[name]]
    ]
    with state.change():
        state.set_members(rollout.id, members)
        state.want([m.kiosk for m in members if m.ring == 0], rollout.content)
        state.set_rollout(
            rollout.id, state="running", ring=0, rings=max(rings.values(), default=0) + 1, ring_since=now, reason=""
        )


def advance(
    state: State, rollout: Rollout, kiosks: Mapping[str, Kiosk], fleet: FleetSettings, now: float, today: date
) -> None:
    """Back, on, or wait."""
    members = state.members(rollout.id)
    found = examine(state, rollout, members, kiosks, now, today)
    if found.worse:
        go_back(state, rollout, found.worse, now)
        return
    watched = now - rollout.ring_since
    if found.loading and watched > CLOCK_S:
        # It is watched from when all have it.
        state.set_rollout(rollout.id, ring_since=now, reason=found.waits_for)
        return
    waits = found.waits_for
    if waits and watched >= fleet.ring_most_s and found.installed and not found.loading:
        if Verdict.UNKNOWN in (found.trouble, found.silence):
            state.set_rollout(rollout.id, state="held", reason=waits)
            return
        waits = ""
    if not waits and watched < fleet.ring_s:
        waits = f"再看 {(fleet.ring_s - watched) / 60:.0f} 分钟。"
    if waits:
        if waits != rollout.reason:
            state.set_rollout(rollout.id, reason=waits)
        return
    go_on(state, rollout, kiosks, now)


def go_on(state: State, rollout: Rollout, kiosks: Mapping[str, Kiosk], now: float) -> None:
    """The next ring, or the end."""
    following = rollout.ring + 1
    with state.change():
        if following >= rollout.rings:
            state.want(list(kiosks), rollout.content)
            state.set_rollout(rollout.id, state="done", ring_since=now, reason="", ended=now)
        else:
            state.want([m.kiosk for m in state.members(rollout.id) if m.ring == following], rollout.content)
            state.set_rollout(rollout.id, state="running", ring=following, ring_since=now, reason="")


def go_back(state: State, rollout: Rollout, reason: str, now: float) -> None:
    """Every kiosk that was told to have the content shall have what it had before."""
    by_content: dict[str, list[str]] = {}
    for member in state.members(rollout.id):
        if rollout.state == "done" or member.ring <= rollout.ring:
            by_content.setdefault(member.before, []).append(member.kiosk)
    with state.change():
        for content, names in by_content.items():
            if content:
                state.want(names, content)
        state.set_rollout(rollout.id, state="back", reason=reason, ended=now)


def examine(
    state: State, rollout: Rollout, members: Iterable[Member], kiosks: Mapping[str, Kiosk], now: float, today: date
) -> Findings:
    """Look at all rings that have the content; the others show what happens without it."""
    pairs = [(member, kiosks[member.kiosk]) for member in members if member.kiosk in kiosks]
    inside = [(m, k) for m, k in pairs if m.ring <= rollout.ring]
    outside = [(m, k) for m, k in pairs if m.ring > rollout.ring]
    installed = [(m, k) for m, k in inside if k.content == rollout.content]
    refused = tuple(
        k for _, k in inside if k.step == "refused" and k.fault == "content" and k.told_wanted == rollout.content
    )
    loading = sum(k.online and k.content != rollout.content and k.fault != "kiosk" for _, k in inside)
    after = {k.name: asked(k.since) for _, k in installed if k.since_content == rollout.content}
    before = _before(state, [k.name for _, k in inside], after, today)
    new = sum(after.values(), Asked(0, 0))
    ill, well = _fallen(installed)
    others_ill, others_well = _fallen(outside)
    silent, heard = _gone(inside, now)
    others_silent, others_heard = _gone(outside, now)
    silence = judging.trouble(silent, heard, others_silent, others_heard)
    if silence is Verdict.WORSE and not others_heard:
        silence = Verdict.UNKNOWN  # the network may be away: nobody is left to compare with
    return Findings(
        len(inside), len(installed), refused, loading, before, new, judging.refusals(before, after.values()),
        ill, judging.trouble(ill, well, others_ill, others_well),
        silent, silence,
    )  # fmt: skip


def _before(state: State, ring: Sequence[str], after: Mapping[str, Asked], today: date) -> Asked:
    """What was asked without the content: of the ring itself where that is enough, else of the whole fleet."""
    counted = state.counts_by_kiosk(today - timedelta(days=HISTORY_DAYS), today + timedelta(days=2))
    without = {
        name: Asked(max(0, a.refused - after[name].refused), max(0, a.questions - after[name].questions))
        if name in after
        else a
        for name, a in counted.items()
    }
    own = sum((without[name] for name in ring if name in without), Asked(0, 0))
    return own if own.questions >= OWN_HISTORY else sum(without.values(), Asked(0, 0))


def _fallen(pairs: Iterable[tuple[Member, Kiosk]]) -> tuple[int, int]:
    """(in trouble now, of so many that were well)."""
    were_well = [k for m, k in pairs if m.well]
    return sum(not k.well for k in were_well), len(were_well)


def _gone(pairs: Iterable[tuple[Member, Kiosk]], now: float) -> tuple[int, int]:
    """(without a connection now, of so many that had one)."""
    were_here = [k for m, k in pairs if m.online]
    return sum(k.gone(now) for k in were_here), len(were_here)
