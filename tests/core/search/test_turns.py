"""Turns at the model's door."""

from __future__ import annotations

import asyncio

from core.search.turns import Turns


def served(shares: dict[str, float], *askers: tuple[str, float, int]) -> list[str]:
    """The order of turns where each asker, a name, asks so many questions of a cost one by one."""
    order: list[str] = []

    async def asker(turns: Turns, name: str, cost: float, times: int) -> None:
        for _ in range(times):
            async with turns.of(name, cost):
                order.append(name)
                await asyncio.sleep(0)

    async def main() -> None:
        turns = Turns(lambda name: shares.get(name, 1.0))
        await asyncio.gather(*(asker(turns, *each) for each in askers))

    asyncio.run(main())
    return order


def test_many_short_questions_go_before_a_long_one_and_do_not_keep_it_out() -> None:
    order = served({}, ("long", 100, 2), ("short", 20, 12))
    assert order.index("long") in (4, 5)
    assert order[: order.index("long")] == ["short"] * order.index("long")
    assert 8 <= order.index("long", order.index("long") + 1) <= 11


def test_equal_questions_alternate() -> None:
    assert served({}, ("a", 10, 3), ("b", 10, 3)) == ["a", "b"] * 3


def test_a_share_counts_as_so_many_askers() -> None:
    order = served({"a": 3.0}, ("a", 30, 9), ("b", 30, 3))
    assert order[:8].count("a") == 6


def test_who_comes_late_has_no_claim_to_the_past() -> None:
    async def main() -> list[str]:
        turns, order = Turns(), []
        for _ in range(10):
            async with turns.of("early", 10):
                order.append("early")

        async def ask(name: str) -> None:
            for _ in range(3):
                async with turns.of(name, 10):
                    order.append(name)
                    await asyncio.sleep(0)

        await asyncio.gather(ask("late"), ask("early"))
        return order[10:]

    assert "early" in asyncio.run(main())[:3]


def test_cancelling_who_waits_or_holds_lets_the_next_in() -> None:
    async def main() -> None:
        turns = Turns()
        entered = asyncio.Event()

        async def hold(name: str) -> None:
            async with turns.of(name, 1):
                entered.set()
                await asyncio.sleep(60)

        holder = asyncio.create_task(hold("a"))
        await entered.wait()
        waiter = asyncio.create_task(hold("b"))
        await asyncio.sleep(0)
        waiter.cancel()
        holder.cancel()
        await asyncio.gather(holder, waiter, return_exceptions=True)
        async with asyncio.timeout(5), turns.of("c", 1):
            pass

    asyncio.run(main())


def test_cancelling_who_was_just_chosen_lets_the_next_in() -> None:
    async def main() -> None:
        turns = Turns()

        async def hold() -> None:
            async with turns.of("a", 1):
                raise AssertionError("it was cancelled before")

        chosen = asyncio.create_task(hold())
        await asyncio.sleep(0)  # it waits; the choice is made in the next round
        asyncio.get_running_loop().call_soon(chosen.cancel)
        await asyncio.gather(chosen, return_exceptions=True)
        async with asyncio.timeout(5), turns.of("b", 1):
            pass

    asyncio.run(main())
