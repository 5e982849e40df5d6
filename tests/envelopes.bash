# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
#
# What the tests of mutated envelopes share, on top of lib.sh: keys, the rules by which Hullmark and the Notary Project's own
# programs disagree, and the comparison.
#
#   envelope_keys           makes two keys alone, and one below two authorities; sets $keys and $stores
#   envelope_verdicts       $T/hullmark and $T/notation have a line "NUMBER STATUS" for each envelope: is each disagreement explained?
#                           Of $number envelopes; why, is in $T/cases/NUMBER.hullmark and NUMBER.notation

: "${T:?source lib.sh first}"

# Where Notation says yes and Hullmark no: what Hullmark says, and why it is right. The last column is how it is known.
cat >"$T/stricter" <<'END'
appears twice in an object	a name twice: Go takes the last, others the first, so that one envelope says two things (RFC 7515, 4)
critical attribute .* is not known	the specification has unknown critical attributes refused; Notation leaves them to a plugin that is not asked
must be a critical text that is not empty	a verification plugin, or its version, that is not critical or no text: Notation looks at it once it has the plugin
is not allowed in "header"	a parameter in both headers, or an own one that is not signed (RFC 7515, 4)
is not allowed in the unprotected header	the same in COSE (RFC 9052, 3)
unknown key	a member that JWS does not have at the top (signature-envelope-jws.md); Go also takes names in other case
".*" is missing	a name in other case: names of JSON are what they are (RFC 8259), Go takes any case
"crit" names what cannot be critical	labels 0 to 8 in "crit", which signature-envelope-cose.md forbids
"crit" has a name twice	RFC 7515, 4.1.11
does not belong to scheme	the time of the other scheme, which signature-specification.md gives to one scheme alone; Notation looks in JWS only
lies before 1970	a time that no signature was made at, and that is not written as four digits of a year
is not a time	a time with another tag around its own: Notation takes the tag that says "this is CBOR" off (RFC 8949, 3.4.6)
is not an RFC 3339 time	an offset of a day, an hour of one digit, a comma: not RFC 3339, Go's reader takes them
base64 has	line breaks, or bits that are left over: two texts would mean the same bytes (RFC 4648, 3.5)
nested deeper than	limits (SECURITY.md)
is nested too deeply	the same
contains a NUL byte	a NUL in a name or text of a signed object
invalid UTF-8	JSON is UTF-8 (RFC 8259, 8.1); Go writes U+FFFD for it, so that two texts would be one
surrogate in string	the same for half a pair of surrogates
header parameter [0-9]+ is not supported	countersignatures, which nobody here can look at
is not bytes	a timestamp that is none: Notation takes it for no timestamp
is not a string	null for a text
is not a list of names	null among the names
CBOR: .* there is no value	simple values that nobody has assigned
CBOR: .* a number is too large	numbers past 64 bits with their sign
CBOR: .* a key that is neither a number nor a text	keys of maps in attributes that JSON could not have
END
# The other way round: what was done, and why Hullmark takes it.
cat >"$T/laxer" <<'END'
time-spelled:[a-zA-Z]*=2023-11-14t22:13:20z	"t" and "z" may be lower case (RFC 3339, 5.6)
time-spelled:[a-zA-Z]*=2023-11-14T22:13:60Z	so may a minute have a sixtieth second
END

# envelope_certify NAME ISSUER EXTENSION...
envelope_certify() {
	local name=$1 issuer=$2
	shift 2
	openssl ecparam -name prime256v1 -genkey -noout -out "$T/$name.key" &&
		openssl req -new -key "$T/$name.key" -subj "/C=US/ST=WA/O=Tests/CN=$name" -out "$T/$name.csr" &&
		printf '%s\n' "$@" >"$T/$name.ext" &&
		if [[ $name == "$issuer" ]]; then
			openssl x509 -req -in "$T/$name.csr" -signkey "$T/$name.key" -days 2 -extfile "$T/$name.ext" -out "$T/$name.crt"
		else
			openssl x509 -req -in "$T/$name.csr" -CA "$T/$issuer.crt" -CAkey "$T/$issuer.key" -CAcreateserial -days 2 \
				-extfile "$T/$name.ext" -out "$T/$name.crt"
		fi
} >>"$T/openssl.log" 2>&1

envelope_keys() {
	local a type authority=("basicConstraints=critical,CA:TRUE" "keyUsage=critical,keyCertSign")
	keys=() stores=()
	for a in rsa-2048 ec-p256; do
		check "a key ($a)" hm cert generate-test "$a" --algorithm "$a"
		keys+=("$a=$conf/localkeys/$a.key,$conf/localkeys/$a.crt")
		check "which may be an authority, too" hm cert add -t signingAuthority -s "$a" "$conf/localkeys/$a.crt"
		stores+=(--trust-store "ca:$a" --trust-store "signingAuthority:$a")
	done
	check "a root" envelope_certify root root "${authority[@]}"
	check "an authority below it" envelope_certify middle root "${authority[@]}"
	check "and a leaf" envelope_certify leaf middle keyUsage=critical,digitalSignature
	cat "$T/leaf.crt" "$T/middle.crt" "$T/root.crt" >"$T/chain.crt"
	keys+=("ec-chain=$T/leaf.key,$T/chain.crt")
	for type in ca signingAuthority; do
		check "its root is trusted ($type)" hm cert add -t "$type" -s chain "$T/root.crt"
		stores+=(--trust-store "$type:chain")
	done
}

envelope_verdicts() {
	local name hullmark notation what said table about row line unexplained=() agreed=0
	local yes no
	yes=$(grep -c ' 0$' "$T/hullmark") no=$(grep -c ' 3$' "$T/hullmark")
	is "hullmark says yes or no to each" "$(cut -d' ' -f2 "$T/hullmark" | sort -u | tr '\n' ' ')" "0 3 "
	is "as Notation does" "$(cut -d' ' -f2 "$T/notation" | sort -u | tr '\n' ' ')" "0 1 "
	is "most are no, some are yes" "$((no > 3 * yes && yes > number / 50))" 1
	note "hullmark: $yes good, $no not; Notation: $(grep -c ' 0$' "$T/notation") good"
	while read -r name hullmark notation; do
		if (((hullmark == 0) == (notation == 0))); then
			((++agreed))
			continue
		fi
		what=$(grep "^$name" "$T/cases/cases.tsv" | cut -f2-)
		if ((hullmark)); then
			said=$(sed -n 's/.*why="//p' "$T/cases/$name.hullmark" | tail -1) table=stricter about=${said//\\/}
		else
			said=$(tail -1 "$T/cases/$name.notation") table=laxer about=${what#*$'\t'}
		fi
		row=$(while IFS=$'\t' read -r pattern _; do [[ $about =~ $pattern ]] && echo "$pattern" && break; done <"$T/$table")
		if [[ $row ]]; then
			echo "$table	$row" >>"$T/explained"
		else
			unexplained+=("$name $what: hullmark $hullmark, Notation $notation: $said")
		fi
	done < <(join "$T/hullmark" "$T/notation")
	touch "$T/explained"
	while read -r line; do note "$line"; done < <(sort "$T/explained" | uniq -c)
	if ((${#unexplained[@]})); then
		not_ok "each disagreement is explained" "${unexplained[@]}"
	else
		ok "each disagreement is explained ($agreed of $number agree)"
	fi
}
