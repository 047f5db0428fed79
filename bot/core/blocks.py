"""The blocks of a scenario as its objectives use them: bounds that are wide enough for requests that are alike."""

from bot.core.bootstrap import share_bounds, stretches
from bot.core.bounds import Bounds, samples_to_settle, wider
from bot.core.evidence import Block, Blocks, ScenarioEvidence
from bot.core.quantiles import Distribution, between, coherent
from bot.core.wording import LARGEST_COUNT


def blocks_of(scenario: ScenarioEvidence, endpoint: str | None) -> Blocks | None:
    """The blocks of that endpoint (None: of all together); None where they are not on record."""
    return next((blocks for blocks in scenario.blocks if blocks.endpoint == endpoint), None)


def widened_quantile(found: Bounds, sample: Distribution, permille: int, blocks: Blocks | None) -> Bounds | None:
    """The bounds of a quantile, as wide as its blocks ask for; None where the blocks are not those of the sample."""
    if blocks is None:
        return found
    if not all(coherent(block.latency) for block in blocks.blocks):
        return None
    cut = stretches([block.latency for block in blocks.blocks])
    if cut is None:
        return found
    return wider(found, *between(sample, *cut.ranks(permille))) if cut.adds_up_to(sample) else None


def widened_share(found: Bounds, failed: int, blocks: Blocks | None) -> Bounds | None:
    """The bounds of the share of failed requests, the same way."""
    if blocks is None:
        return found
    if not all(map(_counted, blocks.blocks)):
        return None
    parts, wholes = [block.failed for block in blocks.blocks], [block.ok + block.failed for block in blocks.blocks]
    if (sum(parts), sum(wholes)) != (failed, found.samples):
        return None
    bounds = share_bounds(parts, wholes)
    return found if bounds is None else wider(found, *bounds)


def _counted(block: Block) -> bool:
    return 0 <= block.ok <= LARGEST_COUNT and 0 <= block.failed <= LARGEST_COUNT


def said(samples: str, before: Bounds, after: Bounds, blocks: Blocks | None) -> str:
    """What the bounds rest on, in words: the blocks are named where they made them wider."""
    return samples if blocks is None or before == after else f"{samples}, bounds by {blocks.seconds:g} s blocks"


def more_needed(by_counts: int | None, limit: float, before: Bounds, after: Bounds) -> float | None:
    """About how many requests would settle it, where bounds that blocks made wider need more; see `needed`."""
    if by_counts is None or before == after:
        return by_counts
    by_blocks = samples_to_settle(limit, after)
    return None if by_blocks is None else max(by_counts, by_blocks)
