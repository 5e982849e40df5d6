# SPDX-License-Identifier: Apache-2.0
"""vex-cyclonedx.py FILE: is it valid by CycloneDX's strict schema (CycloneDX's own library)?"""
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1], encoding="utf-8") as f:
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(f.read())
if error:
    sys.exit(str(error)[:2000])
