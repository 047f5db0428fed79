"""Every case of the drill, the healthy ones first."""

from typing import Final

from bot.selftest import (
    faults_of_files,
    faults_of_load,
    faults_of_probes,
    faults_of_proof,
    faults_of_service,
    faults_of_workers,
    healthy,
)
from bot.selftest.case import Case

CASES: Final[tuple[Case, ...]] = (
    *healthy.CASES,
    *faults_of_load.CASES,
    *faults_of_workers.CASES,
    *faults_of_service.CASES,
    *faults_of_probes.CASES,
    *faults_of_proof.CASES,
    *faults_of_files.CASES,
)
