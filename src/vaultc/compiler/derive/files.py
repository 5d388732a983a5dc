"""The hand writes whole files, one a call; what fails its gate, or the box, the brain writes, else it is computed.

Each of the two writes all that it has to in one go: where they do not fit into memory together, each is loaded once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vaultc.compiler.derive import shown
from vaultc.compiler.derive.code_gate import Contract, faults_in_module, faults_in_tests, missing_names
from vaultc.compiler.outline.procedures import in_order
from vaultc.compiler.outline.signatures import called_name
from vaultc.compiler.python.package import Package, around
from vaultc.compiler.unit import By, CodeFile
from vaultc.core.errors import ModelError
from vaultc.model.prompt import load_prompt
from vaultc.model.structured import Refused, ask_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultc.compiler.tools import Tools
    from vaultc.compiler.unit import Check, Component, Unit
    from vaultc.model.protocols import ChatModel

CODE, TESTS, MEND = "code", "tests", "mend"
_ROUNDS = 2
_MAX_ERRORS = 4_000


def derive_files(unit: Unit, tools: Tools) -> Unit:
    """Give `unit` with the files of the hand where they hold, alone and together."""
    hand = tools.hand or tools.brain
    return unit if hand is None else Build(unit, tools, hand).run()


@dataclass
class Build:
    """The package while it is written: for each component its module and its tests, and who wrote them."""

    unit: Unit
    tools: Tools
    hand: ChatModel
    package: Package = field(init=False)
    modules: dict[str, CodeFile] = field(default_factory=dict)
    tests: dict[str, CodeFile | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.package = Package(self.unit)

    def run(self) -> Unit:
        """Write, check and mend; give the unit with its files."""
        for component in self.unit.components:
            self.compute(component)
        order = [item for item in in_order(self.unit.components) if item.code_name not in self.package.verbatim]
        self._write(order)
        brain = self.tools.brain
        left = [item for item in order if self.modules[item.code_name].by is not By.MODEL]
        if brain is not None and brain is not self.hand and left:
            self._write_with(brain, left)
        return replace(self.unit, code=self.files())

    def _write(self, order: list[Component]) -> None:
        for component in order:
            self._write_module(component)
        self._settle_imports()
        for component in order:
            self._write_tests(component)
        self._settle_imports()
        self._settle_in_the_box(order)

    def _write_with(self, brain: ChatModel, left: list[Component]) -> None:
        """Let the brain write what the hand could not; where that costs a file of the hand, it is not taken."""
        kept = self.modules.copy(), self.tests.copy()
        held = {name for name, module in self.modules.items() if module.by is By.MODEL}
        self.hand, hand = brain, self.hand
        self._write(left)
        self.hand = hand
        if any(self.modules[name].by is not By.MODEL for name in held):
            self.modules, self.tests = kept
            for component in left:
                self.refuse(CODE, self.package.module_path(component), "with it, a file of the hand would not hold")

    def compute(self, component: Component) -> None:
        """Put the computed module and tests in place."""
        self.modules[component.code_name] = self.package.module(component)
        self.tests[component.code_name] = self.package.tests(component)

    def files(self) -> tuple[CodeFile, ...]:
        """Give all files: modules, tests, what stands around them."""
        names = [item.code_name for item in self.unit.components]
        tests = [found for name in names if (found := self.tests[name]) is not None]
        written = (*(self.modules[name] for name in names), *tests)
        return (*written, *around(self.unit, written)[0])

    def refuse(self, task: str, target: str, reason: str) -> None:
        """Report that an answer was not taken."""
        self.unit = self.unit.with_refusal(task, target, reason)

    def contract(self, component: Component) -> Contract:
        """Give what the module of `component` must declare."""
        own = self.package.interfaces(component)
        names = {item.code_name for item in own}
        return Contract(
            package=self.unit.idea.package,
            modules=frozenset(item.code_name for item in self.unit.components),
            entities=self.package.entities(component),
            constants=tuple(item for item in self.package.constants(component) if item.is_titled),
            interfaces=own,
            examples=tuple(item for item in self.unit.examples if called_name(item) in names),
            scope=self.package.scope,
            known=self.package.known,
        )

    def _inputs(self, component: Component, path: str) -> dict[str, str]:
        contract = self.contract(component)
        served = [item for item in self.unit.requirements if item.id in component.serves]
        procedures = [item for item in self.unit.procedures if item.interface in {i.id for i in contract.interfaces}]
        return {
            "title": self.unit.idea.title,
            "language": self.unit.idea.language,
            "package": self.unit.idea.package,
            "path": path,
            "component": f"{component.id} {component.name}: {component.duty}",
            "interfaces": shown.interfaces(contract.interfaces),
            "entities": shown.entities(contract.entities),
            "constants": shown.constants(self.unit, component.holds),
            "requirements": shown.requirements(served, with_quotes=True),
            "pseudocode": shown.pseudocode(procedures, self.unit),
            "neighbours": shown.neighbours(self.unit, component),
            "rest": shown.rest(self.unit),
        }

    def _write_module(self, component: Component) -> None:
        path = self.package.module_path(component)
        contract = self.contract(component)
        if not (contract.interfaces or contract.entities or contract.constants):
            return
        inputs = self._inputs(component, path)
        text = self._ask("code", CODE, path, inputs, lambda answer: faults_in_module(answer, contract))
        if text is not None:
            self.modules[component.code_name] = self.package.code_file(component, path, text, By.MODEL)
            self.tests[component.code_name] = self.package.tests(component, is_written=True)

    def _write_tests(self, component: Component) -> None:
        module = self.modules[component.code_name]
        if module.by is not By.MODEL:
            return
        path = self.package.tests_path(component)
        contract = self.contract(component)
        inputs = self._inputs(component, path) | {"module": module.text}
        text = self._ask("tests", TESTS, path, inputs, lambda answer: faults_in_tests(answer, contract))
        if text is not None:
            self.tests[component.code_name] = self.package.code_file(component, path, text, By.MODEL)

    def _ask(
        self, prompt_name: str, task: str, target: str, inputs: dict[str, str], check: Callable[[str], list[str]]
    ) -> str | None:
        prompt = load_prompt(prompt_name, self.tools.prompt_overrides).fill(task, target, **inputs)
        draw = shown.sampling(self.tools, self.hand)
        try:
            answer = ask_text(self.hand, prompt, draw, check=check, language="python")
        except ModelError as error:
            self.refuse(task, target, error.message)
            return None
        if isinstance(answer, Refused):
            self.refuse(task, target, answer.reason)
            return None
        return answer.strip("\n") + "\n"

    def _settle_imports(self) -> None:
        """Give up files that import what is not declared, until none does."""
        while True:
            texts = {file.path: file.text for file in self.files() if file.path.endswith(".py")}
            faults = missing_names(texts, self.unit.idea.package)
            changed = [self._give_up(path, reason) for path, reason in faults.items()]
            if not any(changed):
                return

    def _give_up(self, path: str, reason: str) -> bool:
        """Put the computed version of the file at `path` in place; tell whether a model's file stood there."""
        for component in self.unit.components:
            name = component.code_name
            tests = self.tests[name]
            if self.modules[name].path == path and self.modules[name].by is By.MODEL:
                self.refuse(CODE, path, reason)
                self.compute(component)
                return True
            if tests is not None and tests.path == path and tests.by is By.MODEL:
                self.refuse(TESTS, path, reason)
                is_written = self.modules[name].by is By.MODEL
                self.tests[name] = self.package.tests(component, is_written=is_written)
                return True
        return False

    def _settle_in_the_box(self, order: list[Component]) -> None:
        """Run the checks; let the hand mend what fails, then give up what still does."""
        if not self._written():
            return
        for round_ in range(_ROUNDS + 1):
            failed = self._failed()
            if failed is None:
                return
            blamed = self._blamed(failed)
            if round_ < _ROUNDS and self._mended(blamed, failed, round_):
                self._settle_imports()
                continue
            self._give_up_blamed(blamed, failed)
            self._retreat(order)
            return

    def _mended(self, blamed: list[tuple[Component, tuple[str, ...]]], failed: Check, round_: int) -> bool:
        """Let the hand mend one file of each component; the module first, in the second round its tests first."""
        mended = False
        for component, paths in blamed:
            order = paths if round_ == 0 else paths[::-1]
            mended |= any(self._mend(component, path, failed) for path in order)
        return mended

    def _give_up_blamed(self, blamed: list[tuple[Component, tuple[str, ...]]], failed: Check) -> None:
        """Give up what failed. Where code and its tests disagree, nobody knows who is right: both go."""
        for _, paths in blamed:
            self._give_up(paths[0], f"{failed.name}: {_first_error(failed, paths)}")
        self._settle_imports()

    def _retreat(self, order: list[Component]) -> None:
        """Give up files one after another, the last in the order first, until the checks hold."""
        for component in reversed(order):
            failed = self._failed()
            if failed is None:
                return
            blamed = self._blamed(failed)
            self._give_up_blamed(blamed or [(component, (self.package.module_path(component),))], failed)
        if self._failed() is not None:
            for component in order:
                self._give_up(self.package.module_path(component), "the package does not pass its checks with it")

    def _written(self) -> bool:
        return any(file.by is By.MODEL for file in self.files())

    def _failed(self) -> Check | None:
        if not self._written():
            return None
        checks = self.tools.check_package(self.files(), self.unit.idea.package)
        return next((item for item in checks if item.status == "failed"), None)

    def _blamed(self, failed: Check) -> list[tuple[Component, tuple[str, ...]]]:
        """Give the components that a failed check speaks of, each with its files that a model wrote."""
        found = []
        for component in self.unit.components:
            module, tests = self.modules[component.code_name], self.tests[component.code_name]
            in_tests = tests is not None and tests.path in failed.detail
            paths = []
            # A failed test speaks of its own file only, and the fault is as likely in what it tests.
            if module.by is By.MODEL and (module.path in failed.detail or (in_tests and failed.name == "tests")):
                paths.append(module.path)
            if tests is not None and tests.by is By.MODEL and in_tests:
                paths.append(tests.path)
            if paths:
                found.append((component, tuple(paths)))
        return found

    def _mend(self, component: Component, path: str, failed: Check) -> bool:
        """Let the hand correct one file; tell whether it gave another one that passes its gate."""
        is_test = path.startswith("tests/")
        present = self.tests[component.code_name] if is_test else self.modules[component.code_name]
        if present is None:
            return False
        contract = self.contract(component)
        gate = faults_in_tests if is_test else faults_in_module
        inputs = {
            "path": path,
            "check": failed.name,
            "errors": failed.detail[-_MAX_ERRORS:],
            "interfaces": shown.interfaces(contract.interfaces),
            "module": self.modules[component.code_name].text,
            "file": present.text,
        }
        text = self._ask("code_mend", MEND, path, inputs, lambda answer: gate(answer, contract))
        if text is None or text == present.text:
            return False
        file = self.package.code_file(component, path, text, By.MODEL)
        if is_test:
            self.tests[component.code_name] = file
        else:
            self.modules[component.code_name] = file
        return True


def _first_error(failed: Check, paths: tuple[str, ...]) -> str:
    lines = [line.strip() for line in failed.detail.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "FAILED" in line]
    named = [line for line in errors if any(path in line for path in paths)]
    return (named or errors or lines or ["failed"])[0][:200]
