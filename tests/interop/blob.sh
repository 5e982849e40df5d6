#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Signatures of files: the Notary Project's own library (notation-go's SignBlob and VerifyBlob) and Hullmark accept each
# other's, refuse what was tampered with, and read the same policies.
# shellcheck disable=SC2154 # $out and $err are lib.sh's
project=$(cd "$(dirname "$0")/../.." && pwd)
oracle=$("$project/tests/build-go" "$project/tests/interop/notation-go" "${HULLMARK_BUILD:-$project/build}/tests/interop/notation-go" 2>&1)
status=$? # asked before HOME is another
. "$(dirname "$0")/../lib.sh"
((status != 77)) || { echo "1..0 # skip ${oracle##*$'\n'}" && exit 0; }
((status == 0)) || { not_ok "builds the oracle" "$oracle" && done_testing && exit 0; }
oracle=${oracle##*$'\n'}
need python3 openssl

conf=$T/conf
hm() { "$HULLMARK" "$@" --config-dir "$conf"; }
# go_ask FIELD...: one request; its answer in $out, as status 0 or 1
go_ask() {
	local IFS=$'\t'
	local answer
	answer=$("$oracle" <<<"$*") || return 2
	echo "$answer"
	[[ $answer == ok ]]
}
formats="jws"
hm blob sign --help | grep -q -- '--signature-format' && formats="jws cose"
algorithms="rsa-2048 rsa-3072 rsa-4096 ec-p256 ec-p384 ec-p521"
# sign_by_hullmark KEY FORMAT FILE OPTION...
sign_by_hullmark() {
	local options=()
	[[ $2 == jws ]] || options=(--signature-format "$2")
	hm blob sign "$3" --key "$1" --force "${options[@]}" "${@:4}"
}

stores=()
for a in $algorithms; do
	check "a key for $a" hm cert generate-test "key-$a" --algorithm "$a"
	stores+=(--trust-store "ca:key-$a")
done
check "a policy" hm blob policy init --global --name all "${stores[@]}"
check "which notation-go accepts" go_ask blob-policy "$conf/trustpolicy.blob.json"
head -c 300000 /dev/urandom >"$T/blob.bin"
: >"$T/empty"

# --- all algorithms, both ways ---

for format in $formats; do
	for a in $algorithms; do
		key=$conf/localkeys/key-$a
		check "$format, $a: hullmark signs" sign_by_hullmark "key-$a" "$format" "$T/blob.bin" --user-metadata build=42 --expiry 24h --media-type application/zip
		check "and notation-go verifies" go_ask verify "$conf" "$format" application/zip "$T/blob.bin" "$T/blob.bin.$format.sig" - build=42
		refuses 1 'signature does not match the given blob' "not as another type" go_ask verify "$conf" "$format" text/plain "$T/blob.bin" "$T/blob.bin.$format.sig" -
		check "hullmark verifies" hm blob verify "$T/blob.bin" --signature "$T/blob.bin.$format.sig" --media-type application/zip --user-metadata build=42
		check "$format, $a: notation-go signs" go_ask sign "$key.key" "$key.crt" "$format" text/plain "$T/blob.bin" "$T/go.$format.sig" 24h build=42
		check "and hullmark verifies" hm blob verify "$T/blob.bin" --signature "$T/go.$format.sig" --media-type text/plain --user-metadata build=42
		check "hullmark inspects it" hm blob inspect "$T/go.$format.sig" -o json
		like "and names the metadata" "$out" '"build": "42"'
		refuses 3 'blob of type \\?"text/plain\\?", not \\?"application/zip' "another type" hm blob verify "$T/blob.bin" --signature "$T/go.$format.sig" --media-type application/zip
		refuses 3 'its metadata has no build=43' "other metadata" hm blob verify "$T/blob.bin" --signature "$T/go.$format.sig" --user-metadata build=43
		refuses 3 'signature of something else' "another file" hm blob verify "$T/empty" --signature "$T/go.$format.sig"
	done
	check "$format: an empty file" sign_by_hullmark key-ec-p256 "$format" "$T/empty"
	check "is verified by notation-go" go_ask verify "$conf" "$format" - "$T/empty" "$T/empty.$format.sig" -
	check "and by hullmark" hm blob verify "$T/empty" --signature "$T/empty.$format.sig"
done

# --- one thing another: both refuse, or accept ---

# What notation-go accepts, and Hullmark does not.
declare -A lax=(
	[type-none]='the type is required' [payload-target-twice]='a member twice' [payload-digest-twice]='a member twice'
	[payload-other-case]='a member of another name' [payload-no-utf-8]='JSON is UTF-8' [critical-unknown]='what is critical must be known'
)
mkdir "$T/mutations"
check "a signature to change" sign_by_hullmark key-rsa-2048 jws "$T/blob.bin" --expiry 24h
check "and its mutations" python3 "$PROJECT/tests/interop/blob-mutations.py" "$T/blob.bin.jws.sig" "$conf/localkeys/key-rsa-2048.key" "$T/blob.bin" "$T/mutations"
echo "$out" >"$T/names"
while read -r name; do
	printf '%s\t' verify "$conf" jws - "$T/blob.bin" "$T/mutations/$name.jws.sig" && echo -
done <"$T/names" | "$oracle" >"$T/theirs"
agree=0 refused=0
while read -r name && IFS= read -r theirs <&3; do
	hm blob verify "$T/blob.bin" --signature "$T/mutations/$name.jws.sig" >"$T/log" 2>&1
	case $? in
	0) ours=ok ;;
	3) ours=no && refused=$((refused + 1)) ;;
	*) ours="status $?" ;;
	esac
	if [[ ${lax[$name]:-} ]]; then
		is "$name: hullmark alone refuses (${lax[$name]})" "$ours, ${theirs%% *}" "no, ok"
	elif [[ $ours == "${theirs%% *}" ]]; then
		agree=$((agree + 1))
	else
		not_ok "$name: both say the same" "hullmark: $ours: $(<"$T/log")" "notation-go: $theirs"
	fi
done <"$T/names" 3<"$T/theirs"
is "of $(wc -l <"$T/names") mutations all others are judged alike" "$((agree + ${#lax[@]}))" "$(wc -l <"$T/names")"
note "$refused are refused"

# --- the published signatures ---

if [[ -d $TESTDATA/signing/notation/e2e/signatures ]]; then
	for format in $formats; do
		file=$TESTDATA/signing/notation/e2e/signatures/blob.$format.sig
		check "hullmark inspects the published one in $format" hm blob inspect "$file" -o json
		like "of a blob" "$out" '"mediaType": "application/octet-stream"'
	done
else
	skip "the published signatures" "no data"
fi

# --- policies: both read each the same, or why not is known ---

# What notation-go accepts and Hullmark does not: a policy that says what nobody reads, or says it in two ways, is not what
# its author meant; and a global policy of level skip, which the specification forbids, and notation-go means to.
declare -A stricter=(
	[name-twice]='a member twice' [level-twice]='a member twice' [other-case]='a member of another name' [no-utf-8]='JSON is UTF-8'
	[unknown-member]='what nobody reads' [unknown-member-of-a-statement]='what nobody reads'
	[unknown-member-of-verification]='what nobody reads' [global]="of blobs' policies" [scopes]="of images' policies"
	[global-skip]='it would believe everybody'
)
for kind in oci blob; do
	mkdir "$T/$kind"
	command="policy import"
	[[ $kind == oci ]] || command="blob policy import"
	agree=0 refused=0 known=0
	check "policies of kind $kind, each with one thing that is unusual" python3 "$PROJECT/tests/interop/policy-mutations.py" $kind "$T/$kind"
	echo "$out" >"$T/names"
	sed "s|.*|$kind-policy\t$T/$kind/&.json|" "$T/names" | "$oracle" >"$T/theirs"
	while read -r name && IFS= read -r theirs <&3; do
		# shellcheck disable=SC2086 # two words
		hm $command "$T/$kind/$name.json" --force >"$T/log" 2>&1 && ours=ok || ours=no
		[[ $ours == no ]] && refused=$((refused + 1))
		if [[ ${stricter[$name]:-} ]]; then
			known=$((known + 1))
			is "$kind, $name: hullmark alone refuses (${stricter[$name]})" "$ours, ${theirs%% *}" "no, ok"
		elif [[ $ours == "${theirs%% *}" ]]; then
			agree=$((agree + 1))
		else
			not_ok "$kind, $name: both say the same" "hullmark: $ours: $(<"$T/log")" "notation-go: $theirs"
		fi
		[[ $name != good-* || $ours == ok ]] || not_ok "$kind, $name is valid" "$(<"$T/log")"
	done <"$T/names" 3<"$T/theirs"
	is "of $(wc -l <"$T/names") policies of kind $kind all others are judged alike" "$((agree + known))" "$(wc -l <"$T/names")"
	note "$refused are refused"
done

folders=("$TESTDATA"/signing/notation/e2e/{config,blob}/trustpolicies)
if [[ -d ${folders[0]} ]]; then
	count=0 differ=
	printf '%s\n' "${folders[0]}"/*.json "${folders[1]}"/*.json >"$T/policies"
	while read -r file; do
		count=$((count + 1))
		go_ask blob-policy "$file" >"$T/said" && theirs=yes || theirs=no
		hm blob policy import "$file" --force >"$T/log" 2>&1 && ours=yes || ours=no
		# what a policy for images has, "registryScopes", notation-go does not look at
		grep -q registryScopes "$file" && [[ $ours == no ]] && grep -q 'unknown key "registryScopes"' "$T/log" && continue
		[[ $ours == "$theirs" ]] || differ+="${file##*/}: hullmark $ours, notation-go $theirs $(<"$T/said"); "
	done <"$T/policies"
	is "of $count published policies none is read otherwise" "$differ" ""
	differ=
	while read -r file; do
		go_ask oci-policy "$file" >"$T/said" && theirs=yes || theirs=no
		hm policy import "$file" --force >"$T/log" 2>&1 && ours=yes || ours=no
		[[ $ours == "$theirs" ]] || differ+="${file##*/}: hullmark $ours ($(grep -o ': .*' "$T/log" | head -n 1)), notation-go $theirs $(<"$T/said"); "
	done <"$T/policies"
	is "nor as policies for images" "$differ" ""
	is "they are all" "$count" 44
else
	skip "the published policies" "no data"
fi
done_testing
