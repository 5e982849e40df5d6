#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lint finds what it is there to find: planted files that break a rule, and what keeps it.
. "$(dirname "$0")/../lib.sh"
need git awk

plant=$T/plant
mkdir -p "$plant/tools" "$plant/src/base" "$plant/tests/unit"
git -C "$plant" init -q
cp "$PROJECT/tools/lint" "$plant/tools/"
cp "$PROJECT/src/base/banned.h" "$plant/src/base/"
header() { printf '/* SPDX-License-Identifier: Apache-2.0 */\n%s\n' "$1" >"$plant/src/base/colours.h"; }
test_of() { printf '/* SPDX-License-Identifier: Apache-2.0 */\nstatic void colours(void **state)\n{\n%s\n}\n' "$1" >"$plant/tests/unit/colours.c"; }
lint() { (cd "$plant" && tools/lint "$1"); }

# --- each const table that a header declares is walked ---

# walked SENTENCE DECLARATION TEST
walked() {
	header "$2" && test_of "$3"
	check "walked: $1" lint tables
}
# not_walked SENTENCE DECLARATION TEST
not_walked() {
	header "$2" && test_of "$3"
	refuses 1 'no test walks the table' "not walked: $1" lint tables
	is "not walked: $1: and says which" "$out" "tests/unit: no test walks the table colour_rows"
}
ended='extern const struct colour colour_rows[];'
sized='extern const char *const colour_rows[COLOURS];'
not_walked "what no test mentions" "$ended" '	assert_true(1);'
not_walked "what is only mentioned" "$ended" '	assert_non_null(colour_rows[0].name);'
not_walked "what is used in a loop over something else" "$ended" '	for (size_t i = 0; i < HM_LEN(cases); i++)
		assert_non_null(colour_rows[cases[i].colour].name);'
not_walked "what is named in a comment with a loop" "$ended" '	/* for (const struct colour *c = colour_rows; c->name; c++) */'
not_walked "what is named in a string" "$ended" '	puts("for (c = colour_rows; c->name; c++) f(c);");'
not_walked "a loop that ends before the table does" "$sized" '	for (size_t i = 0; i < 2; i++)
		assert_non_null(colour_rows[i]);'
not_walked "a loop as long as the table, but over another" "$sized" '	for (size_t i = 0; i < COLOURS; i++)
		assert_non_null(other_rows[i]);
	assert_non_null(colour_rows[0]);'
not_walked "a table with a name that only begins so" "$sized" '	for (size_t i = 0; i < COLOURS; i++)
		assert_non_null(colour_rows_too[i]);'
not_walked "a table in lines of its own" 'extern const struct colour
	colour_rows[];' '	assert_non_null(colour_rows);'
not_walked "a table that stands in the header" 'static const size_t colour_rows[] = { 1, 2 };' '	assert_int_equal(colour_rows[1], 2);'
walked "by a pointer to the row that ends it" "$ended" '	for (const struct colour *c = colour_rows; c->name; c++)
		assert_true(c->name[0]);'
walked "by a pointer to the NULL that ends it" 'extern const struct colour *const colour_rows[];' '	for (const struct colour *const *c = colour_rows; *c; c++)
		assert_true((*c)->name[0]);'
walked "by an index up to its size" "$sized" '	for (size_t i = 0; i < COLOURS; i++) {
		size_t n = strlen("}");
		assert_true(colour_rows[i][n]);
	}'
walked "by an index up to its counted size" "$ended" '	for (size_t i = 1; i < colour_rows_n; i++)
		assert_true(strcmp(colour_rows[i - 1].name, colour_rows[i].name) < 0);'
walked "by an index up to its length" 'static const size_t colour_rows[] = { 1, 2 };' '	for (size_t i = 0; i < HM_LEN(colour_rows); i++)
		assert_true(colour_rows[i]);'
walked "as cases" 'static const struct colour colour_rows[] = { { "red" } };' '	UNIT_TABLE(colour, colour_rows);'

# --- a fault is asked for by its words ---

header 'struct colour;'
test_of '	assert_fault(f(), HM_INPUT,
		     "");'
refuses 1 '^\s*tests/unit/colours\.c:4: assert_fault\(\) asks for the words' "a fault with any words is refused" lint test_lines
test_of '	assert_fault(f(HM_STR("")), HM_INPUT, "");'
refuses 1 '^\s*tests/unit/colours\.c:4: assert_fault\(\) asks for the words' "in one line, too" lint test_lines
test_of '	assert_non_null(err);'
refuses 1 '^\s*tests/unit/colours\.c:4: assert_fault\(\) says which fault' "any fault at all is refused" lint test_lines
test_of '	assert_fault(f(HM_STR("")), HM_INPUT, "is empty");'
check "a fault with words of its own is fine" lint test_lines

# --- a refusal is asked for by its words ---

mkdir -p "$plant/tests/cli"
script_of() { printf '#!/bin/bash\n%s\n' "$1" >"$plant/tests/cli/colours.sh"; }
for status in 1 2 3; do
	script_of "	exits $status \"blue is refused\" hm paint blue"
	refuses 1 'tests/cli/colours\.sh:2: refuses\(\) asks for the reason' "a status alone ($status) is refused" lint test_lines
done
for words in "''" '""' "'.*'" "'error'" Error; do
	script_of "refuses 1 $words \"blue is refused\" hm paint blue"
	refuses 1 'tests/cli/colours\.sh:2: refuses\(\) asks for the words' "words that every message has are refused: $words" lint test_lines
done
script_of 'fails "blue is refused" hm paint blue'
refuses 1 'tests/cli/colours\.sh:2: our own refusals have words' "a refusal of ours without its words is refused" lint test_lines
script_of 'exits 0 "red is painted" hm paint red
refuses 1 "blue is no colour" "blue is refused" hm paint blue
fails "a peer refuses blue" peer paint blue'
check "what asks for the reason is fine" lint test_lines
rm "$plant/tests/cli/colours.sh"
refuses 2 'unknown argument "colours"' "a check that does not exist is refused" lint colours
done_testing
