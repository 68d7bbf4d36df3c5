"""The appliance as a Python distribution: what it is made of and what it needs."""

from setuptools import find_packages, setup

setup(
    name="appliance",
    version="0.1.0",
    description="A telephony appliance for call centres, on Asterisk and FreeSWITCH",
    python_requires=">=3.11",
    packages=find_packages(exclude=["tests", "tests.*"]),
    package_data={
        "appliance.configuration": ["keys.yml", "phrases.yml", "sounds/*.wav"],
        "dialplan": ["templates/**/*"],
        "appliance.web": ["static/*", "templates/*", "texts.yml"],
        "provisioning": ["templates/*"],
    },
    include_package_data=True,
    install_requires=[
        "babel>=2.14",
        "click>=8.1",
        "cryptography>=42",
        "gevent>=24.2",
        "greenswitch>=0.0.19",
        "icalendar>=6.0",
        "jinja2>=3.1",
        "peewee>=3.17",
        "phonenumbers>=8.13",
        "pyst2>=0.5.1",
        "pyyaml>=6.0",
        "recurring-ical-events>=3.0",
        "ruamel.yaml>=0.18",
        "segno>=1.6",
        "six>=1.16",
        "tzdata>=2024.1",
        "urllib3>=2.0",
        "werkzeug>=3.0",
    ],
    extras_require={
        "postgres": ["psycopg[binary]>=3.1"],
        "lab": ["numpy>=1.26", "pjsua2-python>=2.15; python_version < '3.13'"],
        # Tests of the form in a real browser, which is Debian's Chromium.
        "browser": ["axe-playwright-python>=0.1.4", "playwright>=1.40"],
        "test": [
            "aiosmtpd>=1.4.6",
            "ansible-core>=2.16",
            "ansible-lint>=24.2",
            "hypothesis>=6.100",
            "jsonschema>=4.20",
            "mypy>=1.10",
            "num2words>=0.5.13",
            "psycopg[binary]>=3.1",
            "pytest>=8.2",
            "ruff>=0.5",
            "types-PyYAML",
            "yamllint>=1.35",
        ],
    },
    entry_points={"console_scripts": ["appliance = appliance.main:main"]},
)
