#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --format go-template: for the same artifact and the same template we print the bytes that oras prints.
# shellcheck disable=SC2016 # templates have dollars
. "$(dirname "$0")/../lib.sh"
need oras jq

cd "$T" || exit 1
seq 1 1000 >a.txt
head -c 3000000 /dev/zero >b.bin
mkdir -p folder && echo file >folder/file
free_port port
R=localhost:$port/shop/web
start_server registry "$port" "$HULLMARK" serve --data-dir "$T/registry" --registry "127.0.0.1:$port"
flags=()

# alike SENTENCE TEMPLATE VERB... [-- ARGUMENT...]: both say the same
alike() {
	local sentence=$1 template=$2
	shift 2
	if ! oras "$@" "${flags[@]}" --format go-template --template "$template" >theirs 2>theirs.err; then
		not_ok "$sentence" "oras: $(cat theirs.err)"
		return
	fi
	check "$sentence" "$HULLMARK" "$@" "${flags[@]}" --format go-template --template "$template"
	same "$sentence: the same bytes" "$T/.out" theirs
}
# both_refuse SENTENCE REASON TEMPLATE VERB...
both_refuse() {
	local sentence=$1 reason=$2 template=$3
	shift 3
	fails "oras refuses $sentence" oras "$@" "${flags[@]}" --format go-template="$template"
	capture "$HULLMARK" "$@" "${flags[@]}" --format go-template="$template"
	like "so do we: $sentence" "$err" "$reason"
	is "and print nothing" "$out" ''
}

# --- the shape of each verb's answer, on a registry and in a layout ---

# shapes REF NAME
shapes() {
	local ref=$1 how=$2
	export SOURCE_DATE_EPOCH=1700000000 # of ours; oras is told by --annotation
	local made=(--annotation 'org.opencontainers.image.created=2023-11-14T22:13:20Z' --annotation k=v)
	alike "$how: push" '{{.}}' push "$ref:1,more" a.txt:text/plain b.bin:application/vnd.b --artifact-type application/vnd.test "${made[@]}"
	# a manifest of oras' with a subject in a layout has more of it, and so another digest
	alike "$how: attach" "{{range \$k, \$v := .}}{{\$k}}{{if not (or (eq \$k \"digest\") (eq \$k \"size\") (eq \$k \"reference\"))}}={{\$v}}{{end}} {{end}}{{hasPrefix \"$ref@sha256:\" .reference}}" \
		attach "$ref:1" a.txt:text/plain --artifact-type application/vnd.one "${made[@]}"
	check "$how: attach once more" "$HULLMARK" attach "$ref:1" "${flags[@]}" --artifact-type application/vnd.two --annotation x=y "${made[@]}"
	alike "$how: discover" '{{.}}' discover "$ref:1" --artifact-type application/vnd.two
	alike "$how: discover, in JSON" '{{toPrettyJson .}}' discover "$ref:1" --artifact-type application/vnd.two
	alike "$how: discover nothing" '{{len .referrers}}{{.referrers}}' discover "$ref:1" --artifact-type application/vnd.none
	alike "$how: manifest fetch" '{{.}}' manifest fetch "$ref:1"
	alike "$how: manifest fetch, in JSON" '{{toJson .}}' manifest fetch "$ref:more"
	alike "$how: repo tags" '{{.}}' repo tags "$ref"
	alike "$how: a loop over tags" '{{range .tags}}{{println .}}{{end}}' repo tags "$ref"
	unset SOURCE_DATE_EPOCH
	# with oras' own folder, since archives differ
	check "$how: oras pushes a folder" oras push "$ref:folder" folder:application/vnd.folder a.txt:text/plain "${flags[@]}"
	rm -rf pulled
	alike "$how: pull" '{{.reference}}{{range .files}} {{.path}} {{.size}} {{.reference}} {{.annotations}}{{end}}' pull "$ref:1" --output pulled --concurrency 1
	check "$how: pull of a folder" "$HULLMARK" pull "$ref:folder" --output pulled "${flags[@]}" --format go-template='{{range .files}}{{println .path}}{{end}}'
	like "$how: has a slash behind it" "$out" "^$T/pulled/folder/"
	check "$how: pull with the files in their order" "$HULLMARK" pull "$ref:1" --output pulled "${flags[@]}" --format go-template='{{(index .files 1).path}}'
	is "$how: as oras names them" "$out" "$T/pulled/b.bin"
}
flags=(--plain-http)
shapes "$R" registry
flags=(--oci-layout)
shapes ./layout layout

# --- the language: over a manifest with all sorts of values, which both decode from JSON ---

jq -n '{schemaVersion:2, mediaType:"application/vnd.oci.image.manifest.v1+json",
	config:{mediaType:"application/vnd.oci.empty.v1+json",digest:"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",size:2},
	layers:[], annotations:{"a":"x","b.c":"<y>"},
	n:3, s:"abc,a", l:["a","b",null,1,{k:"v"}], m:{k:"v",a:1,deep:{x:[1,2]}}, t:true, nul:null, f:1.5, big:1234567,
	neg:-1e-7, large:12345678901234567890, e:[], em:{}, l2:[[1,2],["x"],[]], u:"\u00e9 \u2028<\u00fc>\t\u0001"}' >odd.json
mkdir -p odd/blobs/sha256
printf '{}' >odd/blobs/sha256/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a
echo '{"imageLayoutVersion":"1.0.0"}' >odd/oci-layout
digest=$(sha256sum odd.json | cut -d' ' -f1)
cp odd.json "odd/blobs/sha256/$digest"
jq -n --arg d "sha256:$digest" --argjson n "$(stat -c %s odd.json)" '{schemaVersion:2,manifests:[{mediaType:"application/vnd.oci.image.manifest.v1+json",
	digest:$d,size:$n,annotations:{"org.opencontainers.image.ref.name":"1"}}]}' >odd/index.json
flags=(--oci-layout)

n=0
while IFS= read -r line; do
	[[ -n $line ]] || continue
	alike "template $((++n))" "{{with .content}}${line//\\n/$'\n'}{{end}}" manifest fetch odd:1
done <<'TEMPLATES'
{{.}}
{{.n}} {{.f}} {{.big}} {{.neg}} {{.large}} {{1e20}} {{100000.0}} {{0.0001}} {{.5}} {{0x1f}} {{-7}}
{{.x}} {{.x.y}} {{.nul}} {{print .x .nul}} {{index .m "x"}} {{index .annotations "b.c"}}
{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}{{if true}}{{$x := 3}}{{$x}}{{end}}{{$x}}{{$.size}}
{{if .x}}1{{else if .n}}2{{else}}3{{end}}{{if .e}}4{{else}}5{{end}}{{with .em}}6{{else with .s}}{{.}}{{else}}7{{end}}
{{range .l}}<{{.}}>{{end}}{{range $i, $e := .l}}{{$i}}={{$e}};{{end}}{{range $k, $v := .m}}{{$k}}={{$v}};{{end}}{{range .e}}{{else}}none{{end}}
{{range 3}}{{.}}{{end}}{{range $i := 2}}{{$i}}{{end}}{{range $i, $e := .l}}{{if eq $i 1}}{{continue}}{{end}}{{if eq $i 3}}{{break}}{{end}}{{$i}}{{end}}
{{range .l2}}a{{range $.x}}b{{else}}{{break}}{{end}}c{{end}}
a \n {{- .n -}} \n b {{- /* c */ -}} d {{/* e */}} f
{{.s | splitList "," | join "+" | upper | printf "%s-%s" "x"}} {{(index .l 4).k}} {{len (printf "%v" (index .l2 0 1))}}
{{and 1 0 2}} {{or 0 "" 3}} {{not .x}} {{1 | and 0}} {{0 | or 2}} {{and .x (index .l 99)}} {{or 1 (index .l 99)}}
{{eq .s "x" "abc,a"}} {{ne 1 2}} {{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1.5 .f}} {{eq .n 3.0}} {{eq .x nil}} {{eq .t true}}
{{"a\t\"\x41\101\u00e9"}} {{`r\a"w`}} {{print 1 2 "a" 3 4}} {{println 1 "a" nil}}
{{printf "%s|%5s|%-5s|%.2s|%q|%v|%d|%05d|%+d|%x|%t|%.2f|%8.3f|%g|%e|%%" "a" "b" "c" "def" "g" .l2 1 42 7 255 true .f .f .f .f}}
{{int .big}} {{.big | int64}} {{int "12"}} {{printf "%.0f" .big}} {{toString .f}} {{len .l}} {{len .m}} {{len .s}}
{{lower "ABC"}} [{{trim " a b "}}] {{trimPrefix "ab" .s}} {{trimSuffix ",a" .s}} {{replace "a" "xx" .s}} {{contains "bc" .s}} {{hasPrefix "a" .s}} {{hasSuffix "b" .s}}
{{first .l}} {{last .l}} {{first .e}} {{join "," .l}} {{splitList "," .s}} {{default "d" .x}} {{.s | default "d"}} {{empty .e}} {{coalesce .x "" .n}} {{ternary "y" "n" .t}} {{hasKey .m "k"}}
{{quote .s 1 .nul "a\"b"}} {{squote .s}} {{quote .u}} {{printf "%q" .u}}
{{toJson .}} {{toPrettyJson .}} {{toRawJson .u}}
{{html "<a href='x'>&\""}} {{html .x}} {{js "it's <b> \"=\""}} {{js .u}} {{urlquery "a b/c?&é"}}
TEMPLATES
((n == 20)) || not_ok "there are 20 templates" "$n"

both_refuse "a function that is none" 'line 1, column 3: the function "nosuch" is not supported' '{{nosuch}}' manifest fetch odd:1
both_refuse "an action without end" 'column 6: the action has no }}' 'a{{.n' manifest fetch odd:1
both_refuse "a character that does not belong there" 'column 5' '{{.n}' manifest fetch odd:1
both_refuse "an empty template" 'template' '' manifest fetch odd:1
both_refuse "an int and a float64" 'eq: float64 and int are not compared' '{{eq .size 1}}' manifest fetch odd:1
both_refuse "a field of a list" '"x" is asked of a value of type' '{{.content.l.x}}' manifest fetch odd:1
fails "oras refuses a template without its format" oras discover --oci-layout odd:1 --template '{{.}}'
refuses 2 '^hullmark: --template goes with --format go-template' "so do we" "$HULLMARK" discover --oci-layout odd:1 --template '{{.}}'
fails "and the format without a template" oras discover --oci-layout odd:1 --format go-template
refuses 2 'go-template needs a template' "so do we, too" "$HULLMARK" discover --oci-layout odd:1 --format go-template

# --- what oras does after the push, we do before it ---

refuses 2 'the function "nosuch" is not supported' "a template is read before anything is pushed" "$HULLMARK" push --oci-layout new:1 a.txt --format 'go-template={{nosuch}}'
is "nothing was" "$(ls new 2>/dev/null)" ''
check "oras' own manifest goes into a file beside the template" "$HULLMARK" manifest fetch --oci-layout odd:1 -o fetched --format go-template='{{.digest}}'
same "as it is" fetched odd.json
is "and the template to standard output" "$out" "sha256:$digest"
refuses 2 'does not go with --descriptor' "not with --descriptor" "$HULLMARK" manifest fetch --oci-layout odd:1 --descriptor --format go-template='{{.}}'
check "copy has the answer of attach" "$HULLMARK" copy --from-oci-layout odd:1 --to-oci-layout copied:1 -o go-template='{{.digest}} {{.reference}}'
is "of what was copied" "$out" "sha256:$digest copied@sha256:$digest"
check "a template beside JSON in a file" "$HULLMARK" discover --oci-layout odd:1 --format json=answer.json --format go-template='{{.digest}}'
is "has both" "$out $(jq -r .digest answer.json)" "sha256:$digest sha256:$digest"
refuses 2 'does not support Go templates' "other commands have none" "$HULLMARK" version --template '{{.}}'
done_testing
