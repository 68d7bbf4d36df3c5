from gevent import monkey

monkey.patch_all()

from collections.abc import Generator  # noqa: E402

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from tests import needs  # noqa: E402

# How long something takes is none of a test's business: machines are busy with other things.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest.register_assert_rewrite("tests.scenarios")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tests that all lack the same are one line at the end of the run, with their number, not one line each."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, needs.Lacking):
        report.longrepr = (needs.__file__, 1, str(call.excinfo.value))
    return report
