"""What people do in a small world (经办人的动作): what they may do now, and what it makes of the model.

In: a world, an action as plain words. Out: the world after it. `is_allowed` says whether an action still
makes sense, so that a shortened history skips what has lost its ground instead of breaking.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.year.model import BEFORE_PAYMENT, MOVES, Claim, Order, Proposal, Recovery, World
from tests.year.rules import NEEDS_PROOF

# (what, stay, more): the name of what is done, to which stay, and one word more.
Action = tuple[str, str, str]
ASSESSORS, APPROVERS = ("assessor_1", "both"), ("approver_1", "both")
# What the desk says to a claim in a state, with how likely it is.
DESK_WORDS = {
    "lodged": ((1, "request_documents"), (1, "withdraw")),
    "awaiting_documents": ((8, "receive_documents"),),
    "declined": ((3, "appeal"),),
    "paid": ((1, "close"),),
}
# What is tried although it must be refused; the model stays as it is.
REFUSED = ("wrong_move", "same_hands", "lost_ground", "decided_before", "not_payable", "under_way", "turned")


def offers(world: World) -> Iterator[tuple[int, Action]]:
    """Yield what could be done now, with how likely it is beside the rest."""
    for setl, proposal in world.proposals.items():
        if proposal.state == "open" and setl in world.stays:
            yield from _about_proposal(world, setl)
    for setl, claim in world.claims.items():
        yield from _about_claim(setl, claim)
        yield from _about_money(world, setl, claim)
        yield from _about_trouble(setl, claim)


def _about_proposal(world: World, setl: str) -> Iterator[tuple[int, Action]]:
    proof = "proof" if world.stays[setl].bill.diagnosis == NEEDS_PROOF else ""
    if world.outcome(setl, is_proof_seen=bool(proof)).outcome == "entitled":
        yield 10, ("confirm", setl, proof)
    yield 1, ("decline_proposal", setl, "")


def _about_claim(setl: str, claim: Claim) -> Iterator[tuple[int, Action]]:
    for weight, verb in DESK_WORDS.get(claim.state, ()):
        if verb != "request_documents" or not claim.is_asked_for_papers:
            yield weight, (verb, setl, "desk")
    if claim.state == "lodged":
        for actor in ASSESSORS:
            yield 4, ("assess", setl, actor)
    if claim.state in ("assessed", "appealed", "declined"):
        for actor in APPROVERS:
            yield from ((weight, (verb, setl, actor)) for weight, verb in _signatures(claim, actor))


def _signatures(claim: Claim, actor: str) -> Iterator[tuple[int, str]]:
    if claim.state == "assessed":
        yield 1, "return_for_assessment"
        if claim.assessed_by != actor:
            yield 5, "approve"
            yield 1, "decline"
    elif claim.state == "declined":
        yield 1, "close"
    elif claim.declined_by != actor:
        yield 2, "return_for_assessment"
        yield 1, "close"


def _about_money(world: World, setl: str, claim: Claim) -> Iterator[tuple[int, Action]]:
    if claim.can_be_ordered:
        yield 12, ("order", setl, "")
    if any(order.state == "sent" for order in claim.orders):
        yield 9, ("paid", setl, "")
        yield 4, ("failed", setl, "")
    if claim.state in BEFORE_PAYMENT and claim.living is None:
        for name in world.accounts_of(claim.person):
            if name != claim.account:
                yield 8 if claim.has_note or not claim.account else 1, ("account", setl, name)
        if claim.has_note or claim.person in world.dead:
            yield 2, ("heir", setl, f"{setl}+{len(world.accounts)}")


def _about_trouble(setl: str, claim: Claim) -> Iterator[tuple[int, Action]]:
    if claim.open_question is not None:
        yield 4, ("answer", setl, "kept")
        if _can_withdraw(claim):
            yield 6, ("answer", setl, "withdrawn")
        if _can_recover(claim):
            yield 6, ("answer", setl, "recovery")
    elif _can_recover(claim) and claim.open_recovery is None:
        yield 1, ("recover", setl, "approver_1")
    recovery = claim.open_recovery
    if recovery is not None:
        yield 4, ("repaid", setl, "")
        yield 2, ("propose_waiver", setl, "approver_1")
        if recovery.waiver_by == "approver_1":
            yield 4, ("agree_waiver", setl, "approver_2")


def refusals(world: World) -> Iterator[tuple[int, Action]]:
    """Yield what could be tried now and must be refused."""
    for setl, proposal in world.proposals.items():
        is_open = proposal.state == "open" and setl in world.stays
        if is_open and world.outcome(setl, is_proof_seen=True).outcome != "entitled":
            yield 3, ("lost_ground", setl, "proof")
    for setl, claim in world.claims.items():
        if world.proposals[setl].state != "open":
            yield 1, ("decided_before", setl, "")
        yield from _refusals_of(setl, claim)


def _refusals_of(setl: str, claim: Claim) -> Iterator[tuple[int, Action]]:
    yield 1, ("wrong_move", setl, "assess" if claim.state != "lodged" else "close")
    if claim.state == "assessed":
        yield 1, ("same_hands", setl, claim.assessed_by)
    if not claim.can_be_ordered:
        yield 1, ("not_payable", setl, "")
    if claim.open_question is not None and not _can_withdraw(claim):
        yield 1, ("under_way", setl, "")
    if claim.is_paid:
        yield 1, ("turned", setl, "")


def _can_withdraw(claim: Claim) -> bool:
    return claim.state in BEFORE_PAYMENT and claim.living is None


def _can_recover(claim: Claim) -> bool:
    return claim.is_paid and not any(recovery.state == "repaid" for recovery in claim.recoveries)


def is_allowed(world: World, action: Action) -> bool:
    """Tell whether an action is among those that make sense now."""
    return any(offered == action for found in (offers, refusals) for _, offered in found(world))


def do(world: World, action: Action, batch: str) -> None:
    """Change the world as the action ought to; an order goes into `batch`."""
    what, setl, more = action
    if what in REFUSED:
        return
    if what == "confirm":
        _confirm(world, setl, is_proof_seen=bool(more))
        return
    if what == "decline_proposal":
        proposal = world.proposals[setl]
        proposal.state, proposal.facts = "declined", world.facts(setl)
        return
    claim = world.claims[setl]
    if what in DOINGS:
        DOINGS[what](world, claim, more)
    elif what == "order":
        claim.orders.append(Order("reserved", batch))
    else:
        _move(world, setl, claim, what, more)


def _confirm(world: World, setl: str, *, is_proof_seen: bool) -> None:
    stay, proposal = world.stays[setl], world.proposals[setl]
    world.proposals[setl] = Proposal("confirmed", proposal.outcome, proposal.group)
    if setl in world.claims:
        world.former.append(world.claims.pop(setl))
    accounts = world.accounts_of(stay.person)
    world.claims[setl] = Claim(
        setl=setl,
        person=stay.person,
        decided=world.outcome(setl, is_proof_seen=is_proof_seen),
        is_proof_seen=is_proof_seen,
        rests_on=frozenset({stay.job, *(period.job for period in world.in_force(stay.person))}),
        account=accounts[0] if accounts else "",
        state="lodged" if accounts else "awaiting_documents",
    )


def _move(world: World, setl: str, claim: Claim, verb: str, actor: str) -> None:
    was_appealed = claim.state == "appealed"
    claim.is_asked_for_papers |= verb == "request_documents"
    claim.state = MOVES[claim.state, verb]
    if verb == "assess":
        claim.assessed_by = actor
    if verb == "decline":
        claim.declined_by = actor
    if not claim.is_asked_about and claim.open_question is not None:
        claim.open_question.state = "moot"
    if was_appealed:
        world.compare()


def _answer(world: World, claim: Claim, answer: str) -> None:
    question = claim.open_question
    assert question is not None, "an answer has its question"
    question.state = answer
    if answer == "withdrawn":
        claim.state = "withdrawn"
        world.end_unpaid(claim, world.facts(claim.setl))
    elif answer == "recovery":
        _recover(world, claim, "")


def _recover(world: World, claim: Claim, __: str) -> None:
    if claim.open_recovery is None:
        claim.recoveries.append(Recovery(world.facts(claim.setl)))


def _repaid(world: World, claim: Claim, __: str) -> None:
    recovery = _open_recovery(claim)
    recovery.state, claim.is_recovered = "repaid", True
    if claim.open_question is not None:
        claim.open_question.state = "moot"
    world.end_unpaid(claim, recovery.facts)


def _propose_waiver(_: World, claim: Claim, actor: str) -> None:
    _open_recovery(claim).waiver_by = actor


def _agree_waiver(_: World, claim: Claim, __: str) -> None:
    _open_recovery(claim).state = "waived"


def _open_recovery(claim: Claim) -> Recovery:
    recovery = claim.open_recovery
    assert recovery is not None, "only an open recovery is offered"
    return recovery


def _account(_: World, claim: Claim, name: str) -> None:
    claim.account, claim.has_note = name, False


def _heir(world: World, claim: Claim, name: str) -> None:
    world.accounts[name] = (claim.person, "heir", "")
    _account(world, claim, name)


def _bank_paid(_: World, claim: Claim, __: str) -> None:
    _bank(claim, "paid")


def _bank_failed(_: World, claim: Claim, __: str) -> None:
    _bank(claim, "returned")


def _bank(claim: Claim, answer: str) -> None:
    order = next(order for order in claim.orders if order.state == "sent")
    order.state = answer
    claim.unheard.append(answer)


DOINGS: Mapping[str, Callable[[World, Claim, str], None]] = {
    "answer": _answer,
    "recover": _recover,
    "repaid": _repaid,
    "propose_waiver": _propose_waiver,
    "agree_waiver": _agree_waiver,
    "account": _account,
    "heir": _heir,
    "paid": _bank_paid,
    "failed": _bank_failed,
}


def turn_batch(worlds: Iterable[World], batch: str, state: str) -> int:
    """Release a batch (`sent`) or take it back (`voided`); return how many orders a question holds back.

    Those are taken out and the rest goes; where nothing is left, the batch is taken back whole.
    """
    held: list[Order] = []
    free: list[Order] = []
    for claim in (claim for world in worlds for claim in world.all_claims):
        orders = [order for order in claim.orders if (order.batch, order.state) == (batch, "reserved")]
        (held if state == "sent" and claim.open_question is not None else free).extend(orders)
    for order in free:
        order.state = state
    for order in held:
        order.state = "taken_out" if free else "voided"
    return len(held)


def hear(world: World) -> None:
    """Let the claims hear of the bank's answers."""
    for claim in world.all_claims:
        for answer in claim.unheard:
            if claim.state == "approved":
                claim.state = "paid" if answer == "paid" else claim.state
                claim.has_note = answer == "returned"
        claim.unheard.clear()
