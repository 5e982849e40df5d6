/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/template.h"
#include "codec/template_parts.h"

#include "unit.h"

static const char data[] =
	"{\"n\":3,\"s\":\"abc,a\",\"l\":[\"a\",\"b\",null,1,{\"k\":\"v\"}],\"m\":{\"k\":\"v\",\"a\":1,\"deep\":{\"x\":[1,2]}},\"b\":true,\"nul\":null,\"f\":1.5,\"big\":1234567,\"neg\":-1e-7,\"e\":[],\"em\":{},\"l2\":[[1,2],[\"x\"],[]],\"u\":\"\\u00e9 \\u2028<\\u00fc>\\t\",\"k\":1,\"k\":2}";

/* What Go's text/template and Sprig 3.3 print for the same data. */
static const struct good {
	const char *label, *text, *printed;
} goods[] = {
	{ "text alone", "a}} b\n", "a}} b\n" },
	{ "nothing", "", "" },
	{ "what is there", "{{.n}} {{.s}} {{.b}} {{.f}}", "3 abc,a true 1.5" },
	{ "numbers as Go prints a float64",
	  "{{.big}} {{.neg}} {{.n}} {{100000.0}} {{1e6}} {{1e20}} {{0.0001}} {{-0.5}}",
	  "1.234567e+06 -1e-07 3 100000 1e+06 1e+20 0.0001 -0.5" },
	{ "a map is sorted, a null in it is <nil>", "{{.m}} {{.l}} {{.e}} {{.em}}",
	  "map[a:1 deep:map[x:[1 2]] k:v] [a b <nil> 1 map[k:v]] [] map[]" },
	{ "what is missing", "{{.x}} {{.x.y.z}} {{.nul}} {{index .m \"x\"}} {{print .x}}",
	  "<no value> <no value> <no value> <no value> <nil>" },
	{ "of equal keys the last", "{{.k}}", "2" },
	{ "fields of variables and parentheses",
	  "{{$m := .m}}{{$m.deep.x}} {{(index .l 4).k}} {{$.s}}", "[1 2] v abc,a" },
	{ "trim markers", "a \n {{- 1 -}} \n b {{- /* c */ -}} c {{/* d */}}d {{- .n}}",
	  "a1bc d3" },
	{ "variables",
	  "{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}{{if true}}{{$x = 3}}{{$x := 4}}{{$x}}{{end}}{{$x}}",
	  "1243" },
	{ "if",
	  "{{if .x}}1{{else if .n}}2{{else}}3{{end}}{{if .e}}4{{else if 0}}5{{else}}6{{end}}{{if $v := .n}}{{$v}}{{end}}",
	  "263" },
	{ "with",
	  "{{with .m}}{{.k}}{{$.n}}{{else}}no{{end}}{{with .x}}1{{else with .s}}{{.}}{{else}}3{{end}}",
	  "v3abc,a" },
	{ "range over a list",
	  "{{range .l}}<{{.}}>{{end}}{{range $i, $e := .l}}{{$i}}={{$e}};{{end}}{{range $e := .l2}}{{$e}}{{end}}",
	  "<a><b><<no value>><1><map[k:v]>0=a;1=b;2=<no value>;3=1;4=map[k:v];[1 2][x][]" },
	{ "range over a map",
	  "{{range .m}}<{{.}}>{{end}}{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}",
	  "<1><map[x:[1 2]]><v>a=1;deep=map[x:[1 2]];k=v;" },
	{ "range over a number", "{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}", "01201" },
	{ "range over nothing",
	  "{{range .e}}1{{else}}none{{end}}{{range .x}}1{{else}}none{{end}}{{range 0}}1{{else}}none{{end}}",
	  "nonenonenone" },
	{ "range into variables that are there",
	  "{{$a := 0}}{{$b := 0}}{{range $a, $b = .l2}}{{end}}{{$a}}{{$b}}", "2[]" },
	{ "break and continue",
	  "{{range $i, $e := .l}}{{if eq $i 1}}{{continue}}{{end}}{{with 1}}{{if eq $i 3}}{{break}}{{end}}{{end}}{{$i}}{{.}}{{end}}",
	  "0a2<no value>" },
	{ "break in the else part of another loop",
	  "{{range .l2}}a{{range $.e}}b{{else}}{{break}}{{end}}c{{end}}", "acacac" },
	{ "break there within with, and continue",
	  "{{range .l2}}a{{range $.e}}b{{else}}{{with 1}}{{break}}{{end}}{{end}}{{.}}{{end}}{{range .l2}}a{{range $.e}}{{else}}{{continue}}{{end}}c{{end}}",
	  "a[1 2]a[x]a[]aaa" },
	{ "loops in loops",
	  "{{range $i, $a := .l2}}{{range $j, $b := $a}}{{$i}}{{$j}}{{$b}} {{end}}{{end}}",
	  "001 012 10x " },
	{ "pipes", "{{.s | splitList \",\" | join \"+\" | upper | printf \"%s-%s\" \"x\"}}",
	  "x-ABC+A" },
	{ "parentheses", "{{print (len (printf \"%v\" (index .l2 0 1))) (1)}}", "1 1" },
	{ "and, or, not",
	  "{{and 1 0 2}} {{or 0 \"\" 3}} {{and 1 2}} {{or 0 \"\"}} {{not .x}} {{1 | and 0}} {{1 | and 2}} {{0 | or 2}} {{0 | or \"\"}}",
	  "0 3 2  true 0 1 2 0" },
	{ "and and or stop", "{{and .x (index .l 99)}} {{or 1 (index .l 99)}}", "<no value> 1" },
	{ "comparisons",
	  "{{eq .s \"x\" \"abc,a\"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1.5 .f}} {{eq .n 3.0}} {{eq .x nil}} {{eq .b true}}",
	  "true true true true true true true true true" },
	{ "texts", "{{\"a\\t\\\"\\x41\\101\\u00e9\\U0001F600\"}} {{`r\\a\"w`}}",
	  "a\t\"AA\303\251\360\237\230\200 r\\a\"w" },
	{ "numbers", "{{0x1f}} {{-7}} {{+7}} {{.5}} {{1.}} {{0}} {{1e3}}", "31 -7 7 0.5 1 0 1000" },
	{ "print and println", "{{print 1 2 \"a\" 3 4}} {{println 1 \"a\" nil}}",
	  "1 2a3 4 1 a <nil>\n" },
	{ "printf",
	  "{{printf \"%s|%5s|%-5s|%.2s|%q|%v|%d|%05d|%+d|%x|%t|%.2f|%8.3f|%g|%e|%%\" \"a\" \"b\" \"c\" \"def\" \"g\" .l2 1 42 7 255 true .f .f .f .f}}",
	  "a|    b|c    |de|\"g\"|[[1 2] [x] []]|1|00042|+7|ff|true|1.50|   1.500|1.5|1.500000e+00|%" },
	{ "index and len",
	  "{{index .l 0}} {{index .m \"deep\" \"x\" 1}} {{index \"abc\" 1}} {{len .l}} {{len .m}} {{len .s}} {{index .l 3}}",
	  "a 2 98 5 3 5 1" },
	{ "whole numbers",
	  "{{int .big}} {{.big | int64}} {{int \"12\"}} {{int .nul}} {{printf \"%.0f\" .big}}",
	  "1234567 1234567 12 0 1234567" },
	{ "Sprig's texts",
	  "{{upper .s}} {{lower \"ABC\"}} [{{trim \" \\t a b \\n\"}}] {{trimPrefix \"ab\" .s}} {{trimSuffix \",a\" .s}} {{replace \"a\" \"xx\" .s}} {{replace \"\" \"-\" \"ab\"}} {{contains \"bc\" .s}} {{hasPrefix \"a\" .s}} {{hasSuffix \"b\" .s}} {{toString .f}}",
	  "ABC,A abc [a b] c,a abc xxbc,xx -a-b- true true false 1.5" },
	{ "Sprig's lists",
	  "{{first .l}} {{last .l}} {{first .e}} {{join \",\" .l}} {{join \"-\" .f}} {{splitList \",\" .s}} {{len (splitList \"\" \"ab\")}} {{range splitList \",\" \"x,,y\"}}[{{.}}]{{end}}",
	  "a map[k:v] <no value> a,b,1,map[k:v] 1.5 [abc a] 2 [x][][y]" },
	{ "Sprig's choices",
	  "{{default \"d\" .x}} {{.s | default \"d\"}} {{default \"d\" \"\"}} {{empty .e}} {{coalesce .x \"\" .n}} {{ternary \"y\" \"n\" .b}} {{hasKey .m \"k\"}}{{hasKey .x \"k\"}}",
	  "d abc,a d true 3 y truefalse" },
	{ "quotes", "{{quote .s 1 .nul \"a\\\"b\"}} {{squote .s}} {{quote .u}}",
	  "\"abc,a\" \"1\" \"a\\\"b\" 'abc,a' \"\303\251 \\u2028<\303\274>\\t\"" },
	{ "JSON", "{{toJson .}}",
	  "{\"b\":true,\"big\":1234567,\"e\":[],\"em\":{},\"f\":1.5,\"k\":2,\"l\":[\"a\",\"b\",null,1,{\"k\":\"v\"}],\"l2\":[[1,2],[\"x\"],[]],\"m\":{\"a\":1,\"deep\":{\"x\":[1,2]},\"k\":\"v\"},\"n\":3,\"neg\":-1e-7,\"nul\":null,\"s\":\"abc,a\",\"u\":\"\303\251 \\u2028\\u003c\303\274\\u003e\\t\"}" },
	{ "JSON for people", "{{toPrettyJson .m}}{{toPrettyJson .e}}{{toPrettyJson .em}}",
	  "{\n  \"a\": 1,\n  \"deep\": {\n    \"x\": [\n      1,\n      2\n    ]\n  },\n  \"k\": \"v\"\n}[]{}" },
	{ "JSON as it is",
	  "{{toRawJson .u}} {{toJson .u}} {{toJson .big}} {{toJson .neg}} {{toJson (splitList \",\" .s)}}",
	  "\"\303\251 \\u2028<\303\274>\\t\" \"\303\251 \\u2028\\u003c\303\274\\u003e\\t\" 1234567 -1e-7 [\"abc\",\"a\"]" },
	{ "other languages",
	  "{{html \"<a href='x'>&\\\"\"}} {{html .x}} {{js \"it's <b> \\\"=\\\"\\n\"}} {{urlquery \"a b/c?&\303\251\"}}",
	  "&lt;a href=&#39;x&#39;&gt;&amp;&#34; &lt;no value&gt; it\\'s \\u003Cb\\u003E \\\"\\u003D\\\"\\u000A a+b%2Fc%3F%26%C3%A9" },
	{ "lines within an action", "{{if\n .n}}a{{end\n}}", "a" },
};

static const struct bad {
	const char *label, *text;
	enum hm_code code;
	const char *why;
} bads[] = {
	{ "an action without end", "a\n {{.x", HM_USAGE,
	  "template: line 2, column 6: the action has no }}" },
	{ "an unknown function", "{{.a | nosuch}}", HM_USAGE,
	  "column 8: the function \"nosuch\" is not supported" },
	{ "an unknown function in a part that is never reached",
	  "{{if false}}{{env \"HOME\"}}{{end}}", HM_USAGE,
	  "column 15: the function \"env\" is not supported" },
	{ "define", "{{define \"x\"}}{{end}}", HM_USAGE, "\"define\" is not supported" },
	{ "template", "{{template \"x\"}}", HM_USAGE, "\"template\" is not supported" },
	{ "block", "{{block \"x\" .}}{{end}}", HM_USAGE, "\"block\" is not supported" },
	{ "a block without end", "a{{if .x}}", HM_USAGE, "column 4: the block has no \"end\"" },
	{ "an end too many", "{{end}}", HM_USAGE, "\"end\" does not belong there" },
	{ "else in no block", "{{else}}", HM_USAGE, "\"else\" does not belong there" },
	{ "a second else", "{{if 1}}{{else}}{{else}}{{end}}", HM_USAGE,
	  "column 19: \"else\" does not belong there" },
	{ "else if of a range", "{{range .l}}{{else if 1}}{{end}}", HM_USAGE,
	  "\"else\" has something behind it" },
	{ "an end with something behind it", "{{if 1}}{{end x}}", HM_USAGE,
	  "\"end\" has something behind it" },
	{ "if without a value", "{{if}}{{end}}", HM_USAGE, "column 5: a value is missing in if" },
	{ "nothing at all", "{{}}", HM_USAGE, "a value is missing in the action" },
	{ "an empty pipe", "{{.x | }}", HM_USAGE, "a value is missing" },
	{ "empty parentheses", "{{print ()}}", HM_USAGE, "a value is missing in the parentheses" },
	{ "a parenthesis that is not closed", "{{print (1}}", HM_USAGE,
	  "column 9: a \"(\" without its \")\"" },
	{ "a parenthesis that is not opened", "{{1)}}", HM_USAGE,
	  "column 4: a \")\" without its \"(\"" },
	{ "break outside of a range", "{{if 1}}{{break}}{{end}}", HM_USAGE,
	  "\"break\" is not in a \"range\"" },
	{ "break in its own else part", "{{range .l}}{{else}}{{break}}{{end}}", HM_USAGE,
	  "\"break\" is not in a \"range\"" },
	{ "a variable that is not there", "{{$x}}", HM_USAGE,
	  "column 3: the variable \"$x\" is not defined" },
	{ "a variable behind its block", "{{if 1}}{{$x := 1}}{{end}}{{$x}}", HM_USAGE,
	  "the variable \"$x\" is not defined" },
	{ "a variable of the other part", "{{if 1}}{{$x := 1}}{{else}}{{$x}}{{end}}", HM_USAGE,
	  "the variable \"$x\" is not defined" },
	{ "a variable that is assigned before", "{{$x = 1}}", HM_USAGE,
	  "the variable \"$x\" is not defined" },
	{ "a variable in its own declaration", "{{$x := $x}}", HM_USAGE,
	  "the variable \"$x\" is not defined" },
	{ "two variables of an if", "{{if $a, $b := .l}}{{end}}", HM_USAGE, "too many variables" },
	{ "three of a range", "{{range $a, $b, $c := .l}}{{end}}", HM_USAGE, "too many variables" },
	{ "two literals", "{{1 2}}", HM_USAGE, "only a function can have an argument" },
	{ "a field with an argument", "{{.a 1}}", HM_USAGE,
	  "only a function can have an argument" },
	{ "a pipe into a field", "{{1 | .a}}", HM_USAGE,
	  "what stands behind a \"|\" is not a function" },
	{ "nil alone", "{{nil}}", HM_USAGE, "nil is not a value of its own" },
	{ "a field of a literal", "{{1 | print \"a\".b}}", HM_USAGE, "has no fields" },
	{ "no space", "{{print\"a\"}}", HM_USAGE, "a character that does not belong there" },
	{ "no space between texts", "{{print \"a\"\"b\"}}", HM_USAGE, "there is no space" },
	{ "too few arguments", "{{lt 1}}", HM_USAGE, "\"lt\" wants 2 arguments, and has 1" },
	{ "too many arguments", "{{len 1 2}}", HM_USAGE, "\"len\" wants 1 argument, and has 2" },
	{ "no argument", "{{and}}", HM_USAGE, "\"and\" wants at least 1 argument, and has 0" },
	{ "a text without end", "{{\"a}}", HM_USAGE, "the text has no closing quote" },
	{ "a text over lines", "{{\"a\n\"}}", HM_USAGE, "the text has no closing quote" },
	{ "a raw text without end", "{{`a}}", HM_USAGE, "the text has no closing quote" },
	{ "an escape that is none", "{{\"\\q\"}}", HM_USAGE,
	  "an escape in the text is not one of Go" },
	{ "half a pair of surrogates", "{{\"\\ud800\"}}", HM_USAGE,
	  "an escape in the text is not one of Go" },
	{ "a character", "{{'a'}}", HM_USAGE, "characters in single quotes are not supported" },
	{ "an octal number", "{{010}}", HM_USAGE, "\"010\" is not a supported number" },
	{ "a complex number", "{{1i}}", HM_USAGE, "\"1i\" is not a supported number" },
	{ "a number too large", "{{9223372036854775808}}", HM_USAGE, "is not a supported number" },
	{ "a real number too large", "{{1e999}}", HM_USAGE, "is not a supported number" },
	{ "a comment without end", "{{/* a }}", HM_USAGE, "the comment has no end" },
	{ "a comment with something behind it", "{{/* a */ 1}}", HM_USAGE,
	  "the comment is not all" },
	{ "a keyword as a value", "{{print if}}", HM_USAGE, "\"if\" does not belong there" },
	{ "a sign", "{{1 + 1}}", HM_USAGE, "is not a supported number" },
	{ "a field of what a function gives", "{{print.x}}", HM_INPUT,
	  "of a value of type string" },
	{ "a field of a text", "{{.s.x}}", HM_INPUT,
	  "template: line 1, column 5: \"x\" is asked of a value of type string" },
	{ "a field of a list", "a\n{{.l.x}}", HM_INPUT,
	  "line 2, column 5: \"x\" is asked of a value of type []interface {}" },
	{ "a field of a null", "{{.nul.x}}", HM_INPUT, "of a value of type nil" },
	{ "range over a text", "{{range .s}}{{end}}", HM_INPUT,
	  "\"range\" over a value of type string" },
	{ "range over a float64", "{{range .n}}{{end}}", HM_INPUT,
	  "\"range\" over a value of type float64" },
	{ "two variables over a number", "{{range $a, $b := 3}}{{end}}", HM_INPUT,
	  "has one variable" },
	{ "an index out of range", "{{index .l 5}}", HM_INPUT,
	  "column 3: index: 5 is out of range: there are 5" },
	{ "a negative index", "{{index .l -1}}", HM_INPUT, "-1 is out of range" },
	{ "an index that is no number", "{{index .l .n}}", HM_INPUT, "is an int, not float64" },
	{ "a key that is no text", "{{index .m 1}}", HM_INPUT,
	  "the key of a map is a string, not int" },
	{ "an index of nothing", "{{index .x 1}}", HM_INPUT, "there is no value that has parts" },
	{ "a length of a number", "{{len .n}}", HM_INPUT, "a value of type float64 has no length" },
	{ "an int and a float64", "{{eq .n 3}}", HM_INPUT, "eq: float64 and int are not compared" },
	{ "two maps", "{{eq .m .m}}", HM_INPUT, "are not compared" },
	{ "booleans in order", "{{lt true false}}", HM_INPUT, "are not compared" },
	{ "a text that is none", "{{upper .n}}", HM_INPUT,
	  "upper: argument 1 is to be a string, not float64" },
	{ "letters of other scripts", "{{upper .u}}", HM_INPUT, "only letters of ASCII" },
	{ "the first of a text", "{{first .s}}", HM_INPUT, "a value of type string is not a list" },
	{ "a verb that does not fit", "{{printf \"%d\" .n}}", HM_INPUT,
	  "%d, with its flags, does not fit argument 2, which is float64" },
	{ "a verb without argument", "{{printf \"%s\"}}", HM_INPUT, "%s has no argument" },
	{ "an argument without verb", "{{printf \"a\" 1}}", HM_INPUT, "more arguments than" },
	{ "a format that breaks off", "{{printf \"%\"}}", HM_INPUT, "the format ends in a %" },
	{ "a width past all bounds", "{{printf \"%99999999s\" .s}}", HM_LIMIT,
	  "a width or precision" },
	{ "no whole number", "{{int .s}}", HM_INPUT, "the string is not a whole number" },
	{ "too many steps", "{{range 100000000}}{{end}}", HM_LIMIT, "more than 20000000 steps" },
	{ "a text that doubles",
	  "{{$x := \"aaaaaaaaaaaaaaaa\"}}{{range 40}}{{$x = print $x $x}}{{end}}", HM_LIMIT,
	  "print: the input needs more memory" },
	{ "too much printed", "{{$x := printf \"%10000d\" 1}}{{range 10000}}{{$x}}{{end}}",
	  HM_LIMIT, "bytes are printed" },
};

static hm_err apply(struct hm_cx *cx, struct hm_str text, struct hm_buf *out)
{
	struct json doc;
	const struct template *t;
	HM_TRY(json_parse(cx, hm_cstr(data), JSON_PLAIN, &doc));
	HM_TRY(template_parse(cx, text, &t));
	return template_run(cx, t, doc, out);
}

static void prints_what_go_prints(void **state)
{
	const struct good *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	assert_ok(apply(&cx, hm_cstr(t->text), &b));
	assert_strz(hm_buf_str(&b), t->printed);
}

static void says_what_is_wrong(void **state)
{
	const struct bad *t = *state;
	HM_AUTO_CX cx = HM_CX(16 * HM_MIB);
	HM_AUTO_BUF b = HM_BUF(2 * HM_MAX_TEMPLATE_OUTPUT);
	assert_fault(apply(&cx, hm_cstr(t->text), &b), t->code, t->why);
}

/* Text that goes `n` deep. */
static struct hm_str nest(struct hm_cx *cx, size_t n, const char *open, const char *close)
{
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	for (size_t i = 0; i < n; i++)
		hm_buf_addz(&b, open);
	hm_buf_addz(&b, "1");
	for (size_t i = 0; i < n; i++)
		hm_buf_addz(&b, close);
	return hm_dup(cx, hm_buf_str(&b));
}

static void blocks_and_parentheses_are_bounded(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	const struct template *t;
	size_t most = HM_MAX_TEMPLATE_DEPTH;
	assert_ok(apply(&cx, nest(&cx, most, "{{if 1}}", "{{end}}"), &b));
	assert_strz(hm_buf_str(&b), "1");
	assert_fault(template_parse(&cx, nest(&cx, most + 1, "{{if 1}}", "{{end}}"), &t), HM_LIMIT,
		     "nested deeper than 64");
	struct hm_str text = hm_fmt(&cx, "{{%.*s}}", HM_FMT(nest(&cx, most + 1, "(", ")")));
	assert_fault(template_parse(&cx, text, &t), HM_LIMIT, "nested deeper than 64");
	text = hm_fmt(&cx, "{{%.*s}}", HM_FMT(nest(&cx, most - 1, "(", ")")));
	assert_ok(template_parse(&cx, text, &t));
}

static void a_template_has_a_size(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	const struct template *t;
	char *text = hm_new(&cx, char, HM_MAX_TEMPLATE + 1);
	assert_ok(template_parse(&cx, hm_bytes(text, HM_MAX_TEMPLATE), &t));
	assert_fault(template_parse(&cx, hm_bytes(text, HM_MAX_TEMPLATE + 1), &t), HM_LIMIT,
		     "a template of more than 65536 bytes");
}

/* Depth of the data is bounded by the reader of JSON; what it lets through is printed whole. */
static void deep_data_are_printed(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json doc;
	const struct template *t;
	struct hm_str text = nest(&cx, HM_MAX_JSON_DEPTH, "[", "]");
	assert_ok(json_parse(&cx, text, JSON_PLAIN, &doc));
	assert_ok(template_parse(&cx, HM_STR("{{.}}{{toJson .}}"), &t));
	assert_ok(template_run(&cx, t, doc, &b));
	assert_str(hm_buf_str(&b), hm_fmt(&cx, "%.*s%.*s", HM_FMT(text), HM_FMT(text)));
}

static void a_budget_is_kept(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_MIB);
	struct json doc;
	const struct template *t;
	assert_ok(json_parse(&cx, HM_STR("[1,2,3]"), JSON_PLAIN, &doc));
	assert_ok(template_parse(&cx, HM_STR("{{.}}"), &t));
	cx.budget = 16;
	assert_fault(template_run(&cx, t, doc, &b), HM_LIMIT, "needs more memory");
}

/* Lists of two that are the same, in each other: no writer comes to the end of them. */
static void writers_stop_where_there_is_no_room(void **state)
{
	(void)state;
	enum { LEVELS = 60 };
	struct value two[LEVELS][2] = { { value_int(1), value_int(1) } };
	for (size_t i = 1; i < LEVELS; i++)
		for (size_t k = 0; k < 2; k++)
			two[i][k] = (struct value){ .kind = VALUE_LIST, .list = { two[i - 1], 2 } };
	HM_AUTO_BUF printed = HM_BUF(1000), all = HM_BUF(1000), json = HM_BUF(1000);
	template_value_print(&printed, &two[LEVELS - 1][0]);
	template_value_print_all(&all, two[LEVELS - 1], 2);
	template_value_json(&json, &two[LEVELS - 1][0], VALUE_JSON_PRETTY);
	assert_true(printed.over && all.over && json.over);
}

int main(void)
{
	UNIT_TABLE(prints_what_go_prints, goods);
	UNIT_TABLE(says_what_is_wrong, bads);
	UNIT(blocks_and_parentheses_are_bounded);
	UNIT(a_template_has_a_size);
	UNIT(deep_data_are_printed);
	UNIT(a_budget_is_kept);
	UNIT(writers_stop_where_there_is_no_room);
	return unit_run("codec/template");
}
