import asyncio
import time

from bot.demo.sleep import Sleeper


def test_sleeps_end_in_the_order_of_their_moments_and_never_early():
    async def sleep(sleeper, seconds, ended):
        begun = time.monotonic()
        await sleeper.sleep(seconds)
        assert time.monotonic() - begun >= seconds
        ended.append(seconds)

    async def story():
        sleeper, ended = Sleeper(), []
        asked = (0.03, 0.001, 0.0225, 0.0, 0.0105)
        await asyncio.gather(*(sleep(sleeper, each, ended) for each in asked))
        assert ended == sorted(asked)

    asyncio.run(story())


def test_a_sleep_that_is_given_up_wakes_nobody_and_the_others_go_on():
    async def story():
        sleeper = Sleeper()
        given_up = asyncio.ensure_future(sleeper.sleep(0.005))
        other = asyncio.ensure_future(sleeper.sleep(0.01))
        await asyncio.sleep(0)
        given_up.cancel()
        await other
        assert given_up.cancelled()

    asyncio.run(story())
