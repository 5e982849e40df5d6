/* SPDX-License-Identifier: Apache-2.0 */
/* CVSS scores: examples of FIRST's documents and calculators, and vectors that are none. */
#include "unit.h"

#include "advisory/record.h"

static const struct score_case {
	const char *label, *vector;
	int tenths; /* -1: no vector */
	enum advisory_severity severity;
} cases[] = {
	{ "3.1: the worst without change of scope", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
	  98, ADVISORY_CRITICAL },
	{ "3.1: the worst of all", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100,
	  ADVISORY_CRITICAL },
	{ "3.1: cross-site scripting", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61,
	  ADVISORY_MEDIUM },
	{ "3.1: no impact", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0, ADVISORY_LOW },
	{ "3.1: privileges weigh less where the scope changes",
	  "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64, ADVISORY_MEDIUM },
	{ "3.0: POODLE", "CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31, ADVISORY_LOW },
	{ "3.1: Heartbleed", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75, ADVISORY_HIGH },
	{ "3.1: with temporal metrics the base score counts",
	  "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:C", 78, ADVISORY_HIGH },
	{ "2.0: a partial loss of all", "AV:N/AC:L/Au:N/C:P/I:P/A:P", 75, ADVISORY_HIGH },
	{ "2.0: a complete loss of all is high, for there is no critical",
	  "(AV:N/AC:L/Au:N/C:C/I:C/A:C)", 100, ADVISORY_HIGH },
	{ "2.0: no impact", "AV:N/AC:L/Au:N/C:N/I:N/A:N", 0, ADVISORY_LOW },
	{ "4.0: the worst", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 100,
	  ADVISORY_CRITICAL },
	{ "4.0: no later system", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
	  93, ADVISORY_CRITICAL },
	{ "4.0: no impact", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0,
	  ADVISORY_LOW },
	{ "4.0: a tie is rounded up",
	  "CVSS:4.0/AV:L/AC:L/AT:P/PR:H/UI:N/VC:N/VI:L/VA:N/SC:H/SI:H/SA:H", 50, ADVISORY_MEDIUM },
	{ "4.0: threat and environment",
	  "CVSS:4.0/AV:A/AC:H/AT:P/PR:H/UI:P/VC:N/VI:H/VA:L/SC:L/SI:L/SA:H/E:P/CR:M/IR:M/AR:M/MAV:X/MVC:L/MSI:X/MSA:L/MPR:X",
	  7, ADVISORY_LOW },
	{ "4.0: X stands for what is not given",
	  "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:X/CR:X/IR:X/AR:X/MAV:X",
	  86, ADVISORY_HIGH },
	{ "a bare score", "7.1", 71, ADVISORY_HIGH },
	{ "a bare ten", "10.0", 100, ADVISORY_CRITICAL },
	{ "3.1: a metric is missing", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", -1,
	  ADVISORY_UNKNOWN },
	{ "3.1: a metric stands twice", "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", -1,
	  ADVISORY_UNKNOWN },
	{ "3.1: a value that there is not", "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", -1,
	  ADVISORY_UNKNOWN },
	{ "3.1: no scope", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H", -1, ADVISORY_UNKNOWN },
	{ "4.0: safety is no base value",
	  "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H", -1, ADVISORY_UNKNOWN },
	{ "4.0: a metric is missing", "CVSS:4.0/AV:N/AC:L/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
	  -1, ADVISORY_UNKNOWN },
	{ "an unknown version", "CVSS:5.0/AV:N", -1, ADVISORY_UNKNOWN },
	{ "a score above ten", "10.1", -1, ADVISORY_UNKNOWN },
	{ "a word", "high", -1, ADVISORY_UNKNOWN },
	{ "nothing", "", -1, ADVISORY_UNKNOWN },
};

static void scores(void **state)
{
	const struct score_case *t = *state;
	unsigned tenths = 0;
	bool ok = advisory_cvss_score(hm_cstr(t->vector), &tenths);
	assert_int_equal(ok ? (int)tenths : -1, t->tenths);
	assert_int_equal(advisory_severity_of_cvss(hm_cstr(t->vector)), t->severity);
}

int main(void)
{
	UNIT_TABLE(scores, cases);
	return unit_run("advisory/cvss");
}
