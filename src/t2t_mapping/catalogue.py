"""Every finding code: what it is called, how bad it is, why it matters and what to do. Pure data.

Messages are templates: `{upn}` is the user concerned, `{a}`, `{b}` and `{c}` are the three arguments that a check may
store with a finding. They are rendered on output only, so a million findings cost three short columns.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ACCEPTABLE", "CATALOGUE", "EXCLUDABLE", "SEVERITIES", "Code"]

SEVERITIES = ("info", "warning", "error", "fatal")
"""From harmless to "cannot go on". An error on a user holds that user; a fatal finding stops the run."""


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the catalogue.

    `severity` is the usual one; `note` says when it differs. `service` is the documented message of Microsoft's own
    validation, where there is one. `acceptable` codes may be turned into warnings for one run with `--accept`.
    """

    code: str
    name: str
    severity: str
    message: str
    why: str
    fix: str
    note: str = ""
    service: str = ""
    acceptable: bool = False


_ENTRIES = (
    # --- inputs -------------------------------------------------------------------------------------------------
    Code(
        "I101",
        "unreadable-file",
        "fatal",
        "{a}",
        "The file is not what it claims to be, is damaged, encrypted, or over a limit. Reading it anyway could lose or "
        "change users without a word.",
        "Export the file again and do not edit it on the way.",
    ),
    Code(
        "I102",
        "no-user-column",
        "fatal",
        "{a}",
        "Without a column of user principal names nobody in this file can be identified.",
        "Export again with the column Windows Live ID (Dynamics) or User principal name (Microsoft 365, Entra).",
    ),
    Code(
        "I103",
        "maybe-truncated-export",
        "warning",
        "The export may be cut off: {a}.",
        "A user who was cut off is missing from the mapping and can never be mapped later.",
        "Compare the number of users with the view in the environment; export in parts if there are more.",
    ),
    Code(
        "I104",
        "repaired-text",
        "info",
        "{a}",
        "The file was not in its usual form, but could be read without guessing.",
        "Nothing to do; check the columns with `inspect` if anything looks odd.",
    ),
    Code(
        "I105",
        "duplicate-user-rows",
        "info",
        "{a} rows list this user{b}.",
        "One person listed several times is one user. Where the rows contradict each other, the worse status counts.",
        "If the rows contradict each other, find out which is true and export again.",
        note="warning where the rows contradict each other",
    ),
    Code(
        "I106",
        "invalid-upn",
        "error",
        "{a}",
        "The service refuses the address, or the look-alike letter could turn it into another person's address.",
        "Correct the user principal name in the tenant and export again, or exclude the user in review.xlsx (or with a rule).",
    ),
    Code(
        "I107",
        "missing-upn",
        "error",
        "The row has no user principal name ({a}).",
        "A user without a user principal name cannot be in the mapping file.",
        "Fill in the user principal name in the tenant and export again; accounts that are not people may be ignored.",
    ),
    Code(
        "I108",
        "wrong-table",
        "fatal",
        "{a}",
        "This is an export of another table; it lists no users.",
        "Use Advanced Find with Look for: Users, and export that.",
    ),
    Code(
        "I109",
        "swapped-sides",
        "error",
        "{a}",
        "Source and destination seem to be swapped: the mapping would point backwards.",
        "Swap the source and destination files, or the two columns of the rule table, as the message says.",
        note="on the run: nothing is mapped",
    ),
    Code(
        "I110",
        "same-file-twice",
        "info",
        "The same content was given as {a}; it is read once.",
        "Reading a file twice adds nothing.",
        "Nothing to do, unless another file was meant.",
    ),
    Code(
        "I111",
        "unknown-label",
        "warning",
        "{a} {b} is not understood and counts as not known ({c}).",
        "A status that is guessed wrong maps a disabled user or holds a good one.",
        "Export in English or with its hidden sheet, or write Enabled or Disabled (Yes or No) into the cells.",
    ),
    Code(
        "I112",
        "unknown-licence-name",
        "info",
        "The licence {a} is not in the list of known products ({b} users).",
        "Whether it grants the use of Dataverse is not known.",
        "Check the licence in the Microsoft 365 admin center.",
    ),
    Code(
        "I113",
        "unused-status-column",
        "warning",
        "The column {a} looks like {b} and is not used.",
        "If it says who is blocked, unlicensed or deleted, these users are mapped all the same.",
        "If it matters, give it a header that is known, for example Status, Block credential, Licenses or Deleted; "
        "`inspect` shows which columns are used.",
    ),
    Code(
        "I114",
        "unrelated-directory",
        "error",
        "{a}",
        "A directory of another tenant completes nobody, and says nothing about who is disabled or licensed.",
        "Give the directory of the tenant that the exports come from, or leave it out.",
        note="on the run: nothing is mapped",
    ),
    Code(
        "I115",
        "lost-letters",
        "warning",
        "{a} lost letters on the way or are garbled, for example: {b}.",
        "Such names cannot be compared, so these users are held until somebody decides.",
        "Export again as UTF-8: in PowerShell with `-Encoding utf8`, in Excel as “CSV UTF-8”, or pass the workbook itself.",
    ),
    Code(
        "I116",
        "hidden-rows",
        "info",
        "The sheet hides {a}, most often by a filter; hidden rows count like all others.",
        "Whoever filtered a sheet may think that only the rows in view are used.",
        "If the hidden rows are not meant, delete them or copy the rows in view into a new workbook.",
        note="warning in a rule table",
    ),
    # --- users --------------------------------------------------------------------------------------------------
    Code(
        "U201",
        "source-disabled",
        "error",
        "{upn} is disabled at the source.",
        "A single disabled user makes the whole move fail.",
        "Enable the user, or exclude the user in review.xlsx (all such users: `--exclude U201`).",
        acceptable=True,
    ),
    Code(
        "U202",
        "source-unlicensed",
        "error",
        "{upn} has no licence at the source{a}.",
        "Support requests demand a licence at the source, too (article of 2023); since 2026 only the destination's counts.",
        "Assign a licence, or exclude the user in review.xlsx (all such users: `--exclude U202`); for self-service, `--accept U202` keeps "
        "the user in the file.",
        note="info for administrative users that were opted in; warning for non-interactive accounts",
        acceptable=True,
    ),
    Code(
        "U203",
        "not-a-person",
        "info",
        "{upn} is not a person: {a}.",
        "Application users and system accounts are recreated by the service and must never be mapped.",
        "Nothing to do.",
        note="the user is excluded; error in `validate`",
    ),
    Code(
        "U204",
        "non-interactive-account",
        "warning",
        "{upn} is a non-interactive account.",
        "It may be a real integration account that has to be mapped, or a leftover.",
        "Check whether anything still signs in with it; if not, exclude it with a rule.",
    ),
    Code(
        "U205",
        "source-not-in-export",
        "warning",
        "{upn} is named here, but no source export lists this user.",
        "Either the export is not complete, or the line is about somebody who has left.",
        "Check the spelling; export again if the user exists; remove the line if not.",
        note="error in `validate`",
    ),
    Code(
        "U206",
        "source-deleted",
        "error",
        "{upn} is deleted at the source ({a}).",
        "A deleted account cannot be mapped.",
        "Restore the account, or exclude the user in review.xlsx (all such users: `--exclude U206`).",
    ),
    Code(
        "U207",
        "perhaps-not-a-person",
        "error",
        "{upn} looks like an application or system account: {a}.",
        "Application users must not be mapped, but there is no proof that this is one.",
        "Exclude the account in review.xlsx, or choose its destination there (or use a rule).",
        note="warning where a rule names the destination, info where that rule has a Note or is a decision",
    ),
    Code(
        "U208",
        "source-status-not-understood",
        "error",
        "What the source says about {upn} is not understood: {a}.",
        "It may mean disabled, unlicensed or deleted: a status that is guessed wrong fails the move.",
        "Write a word that is known into the cell (Enabled, Disabled, Yes, No) or export in English, or let such users "
        "through with `--accept U208`.",
        acceptable=True,
    ),
    Code(
        "U209",
        "two-addresses-in-one-row",
        "error",
        "One row has {a} and {b}, as Windows Live ID and User Name: {c}.",
        "The service uses one address; the other one may belong to somebody else by now.",
        "Add an export of the tenant's accounts (`--source-directory`, `--destination-directory`): if it lists one of the two, "
        "that one counts. Or correct the user in the environment and export again.",
        note="info where the directory lists only one of them, or a rule with a Note or a decision names the user",
        acceptable=True,
    ),
    Code(
        "U210",
        "source-not-in-directory",
        "warning",
        "{upn} is not in the directory of the source.",
        "The account may have been renamed or deleted, and its row in the environment may be a leftover.",
        "Look up the user in the source tenant; exclude users who have left with a rule.",
    ),
    Code(
        "U211",
        "destination-missing",
        "error",
        "{upn} was not found in the destination: {a}.",
        "The service checks that every user in the file exists in the destination tenant.",
        "Create the account in the destination tenant, or choose the right account in review.xlsx (or add a rule).",
    ),
    Code(
        "U212",
        "destination-disabled",
        "error",
        "{upn}: the destination account {a} is disabled.",
        "The service checks that every user in the file is active in the destination tenant.",
        "Enable the destination account and export the destination again.",
    ),
    Code(
        "U213",
        "destination-unlicensed",
        "error",
        "{upn}: the destination account {a} has no licence{b}.",
        "If a mapped destination user has no licence, the migration fails.",
        "Assign a licence to the destination account and export the destination again.",
        note="accepted, the mapping is a draft that is not ready for upload",
        acceptable=True,
    ),
    Code(
        "U214",
        "destination-licence-unknown",
        "warning",
        "Whether the destination {a} has a licence is not known: {b}.",
        "If a mapped destination user has no licence, the migration fails.",
        "Add the Microsoft 365 admin center's export of the destination with `--destination-directory`; correct a cell that "
        "is not understood, or let such users through with `--accept U214`.",
        note="error where a cell says something that is not understood",
        acceptable=True,
    ),
    Code(
        "U215",
        "destination-status-unknown",
        "warning",
        "Whether the destination {a} is enabled is not known: {b}.",
        "The service checks that every listed user is active in the destination tenant.",
        "Add the Microsoft 365 admin center's export of the destination with `--destination-directory`; correct a cell that "
        "is not understood, or let such users through with `--accept U215`.",
        note="error where a cell says something that is not understood",
        acceptable=True,
    ),
    Code(
        "U216",
        "destination-guest",
        "error",
        "{upn}: the destination account {a} is a guest.",
        "A guest is the old account as the new tenant sees it, and hardly ever the account that the person will work with.",
        "Create a member account (not a guest). If the guest is really meant, choose it in review.xlsx (or add a rule).",
        note="warning where a rule names the guest, info where that rule has a Note or is a decision",
    ),
    Code(
        "U217",
        "destination-weak-licence",
        "warning",
        "{upn}: the destination account {a} has no licence for Dataverse ({b}).",
        "A Microsoft 365 licence, a trial or a free plan may not count as a licence for the move.",
        "Assign a Dynamics 365 or Power Apps licence to the destination account.",
    ),
    Code(
        "U218",
        "destination-not-a-person",
        "error",
        "{upn}: the destination account {a} is not a person: {b}.",
        "A person's records must not go to an application or system account.",
        "Choose the right account in review.xlsx (or add a rule).",
    ),
    # --- pairs --------------------------------------------------------------------------------------------------
    Code(
        "P301",
        "ambiguous-destination",
        "error",
        "{upn} has several possible destinations: {a}.",
        "A wrong choice gives one person another person's records.",
        "Choose the right account in review.xlsx (or add a rule), or give your preferred domains with `--destination-domain`, best first.",
    ),
    Code(
        "P302",
        "shared-destination",
        "error",
        "{a} would be the destination of several source users: {b}.",
        "Two users cannot become one; the service refuses duplicates.",
        "Decide who goes there, and choose another account for each of the others. Exclude only a user who does not have this "
        "very address at the source: such a user would keep it, and the service would fail (P313).",
        note="on all claimants; claims already held by P303 do not count",
    ),
    Code(
        "P303",
        "names-contradict",
        "error",
        "The names contradict each other: {b} at the source, {c} at the destination ({a}).",
        "The same name before the @ often belongs to another person in the other tenant.",
        "Choose the right account in review.xlsx. If the pair is right, choose map (in a rule, say why in its Note).",
        note="info where a rule with a Note or a decision names the pair",
    ),
    Code(
        "P304",
        "names-doubtful",
        "error",
        "The names agree only in part: {b} at the source, {c} at the destination ({a}).",
        "It may be a marriage, a short form, or another person.",
        "If it is the same person, choose map in review.xlsx (or add a rule).",
        note="warning at the steps `rule` and `alias`; info where a rule with a Note or a decision names the pair",
    ),
    Code(
        "P305",
        "names-unknown",
        "error",
        "The names cannot be compared: {b} at the source, {c} at the destination ({a}).",
        "Only the address says that the two are the same person.",
        "Export with the column Full Name. If you know that it is the same person, choose map in review.xlsx (or add a rule). For all such users: `--accept P305`.",
        note="info at the step `rule`",
        acceptable=True,
    ),
    Code(
        "P306",
        "unverified-destination",
        "error",
        "{upn}: the destination account {a} was not checked, because there is no export of the destination.",
        "Whether the destination exists, is enabled and has a licence is not known.",
        "Give an export of the destination, or check every account yourself and use `--accept P306`.",
        acceptable=True,
    ),
    Code(
        "P307",
        "same-address",
        "error",
        "Source and destination are the same address: {a}.",
        "The service refuses a line whose target is the same as the source.",
        "Map to the temporary onmicrosoft.com address of the destination account, or rename the source user first.",
    ),
    Code(
        "P308",
        "unexpected-domain",
        "warning",
        "{upn}: the destination account {a} is not in an expected domain ({b}).",
        "The account may belong to another company in the same tenant.",
        "Check the account; if it is right, add its domain with `--destination-domain`.",
    ),
    Code(
        "P309",
        "admin-not-opted-in",
        "info",
        "{upn} is an administrator and is left out.",
        "Administrators may be left out; each one that is included needs a licence at the destination.",
        "To include the user, add a rule that names the destination. To include all administrators: `--include-admins`.",
        note="the user is excluded",
    ),
    Code(
        "P310",
        "crosses-clouds",
        "error",
        "{upn} is in the {b} cloud, the destination {a} in the {c} cloud.",
        "Environments cannot be moved between the public, the US government and the China clouds.",
        "Check that the right tenants were exported.",
    ),
    Code(
        "P311",
        "namesake",
        "error",
        "{a} may be the account of another person: {b}.",
        "Two people of one name: the account with the same local part may be the other one's.",
        "Find out which account belongs to this user and choose it in review.xlsx (or in a rule line).",
        note="info where an employee id, a mobile number, or department and city that only these two share settle it",
    ),
    Code(
        "P312",
        "chained-address",
        "error",
        "{a} is a source on one line and a destination on another.",
        "After the first step the service could not tell the two users apart.",
        "Rename the source user who has this address, or map the other one to the destination's onmicrosoft.com "
        "address. Excluding one of them does not help: the user who stays keeps the address (P313).",
    ),
    Code(
        "P313",
        "destination-already-in-environment",
        "error",
        "The destination {a} already is {b}, who {c}.",
        "A user with this address already is in the environment: the service fails, or skips the user who is mapped to it.",
        "Rename that user at the source before the move, or map to the destination's onmicrosoft.com address. Excluding that "
        "user out does not help.",
    ),
    Code(
        "P314",
        "identity-contradiction",
        "error",
        "{upn}: {a}.",
        "Two ids with one address are two accounts, and one id with two addresses is one account: records may go to the wrong person.",
        "Find out which account is meant, correct or exclude the other one, and export again.",
        note="info where a rule with a Note or a decision names the user",
    ),
    # --- rules --------------------------------------------------------------------------------------------------
    Code(
        "P315",
        "namesakes-on-both-sides",
        "error",
        "Whether {a} is the account of this user cannot be told by names: {b}.",
        "Several people of one name on both sides: addresses that were numbered anew may have changed places. Or a common name while "
        "accounts are missing: the only account of that name may be another person's.",
        "Find out which account belongs to this user and choose it in review.xlsx (or in a rule line). Where the parts before the @ "
        "are known to have been carried over, `--accept P315`.",
        note="info where an employee id, a mobile number, or department and city that only these two share settle it",
        acceptable=True,
    ),
    Code(
        "R401",
        "rule-contradiction",
        "fatal",
        "{a}",
        "Two lines say different things about the same user; one of them is a mistake.",
        "Remove one of the lines.",
    ),
    Code(
        "R402",
        "rule-matches-nobody",
        "warning",
        "The rule {a} matches no source user.",
        "A line that does nothing is often a spelling mistake.",
        "Correct or remove the line.",
    ),
    Code(
        "R403",
        "rule-malformed",
        "fatal",
        "{a}",
        "A rule that is not understood must not be ignored.",
        "Correct the line; the guide lists what a line may say.",
    ),
    Code(
        "R404",
        "rule-shadowed",
        "warning",
        "The rule {a} has no effect: earlier lines, or lines that name the user, decide for everybody it matches.",
        "The first pattern that matches wins, and lines that name a user beat patterns.",
        "Move the line up, or remove it.",
    ),
    Code(
        "R405",
        "stale-decision",
        "error",
        "The decision {a} is out of date: {b}.",
        "The user or the account has changed since, so the decision may be wrong now.",
        "Look at the user in the new review workbook and decide again.",
    ),
    Code(
        "R406",
        "rule-nearly-names",
        "error",
        "The rule {a} names no source user, and nearly names {upn}.",
        "If the line is misspelt, it has no effect: the user would go somewhere else, or would be mapped although you excluded the user.",
        "Correct or remove the line, or decide about the user in review.xlsx (or in another rule).",
    ),
    # --- the mapping file ---------------------------------------------------------------------------------------
    Code(
        "M501",
        "wrong-file-name",
        "error",
        "The file is called {a}, not usermapping.csv. The service would say: {c}",
        "The service only accepts a file with exactly this name, in lower case.",
        "Rename the file to usermapping.csv.",
        note="`self-service` only",
        service="The User mapping file provided for Tenant To Tenant migration is invalid",
    ),
    Code(
        "M502",
        "not-comma-separated",
        "error",
        "The columns are separated by {a}, not by a comma. The service would say: {c}",
        "The service splits lines at commas only.",
        "Save with commas, or use `validate --fix`.",
        service="The User mapping file provided for Tenant To Tenant migration is invalid",
    ),
    Code(
        "M503",
        "header",
        "error",
        "{a}",
        "The first line must be exactly Source,Destination (self-service), or there must be no header "
        "(support-request); otherwise the first user is lost or a header is taken for a user.",
        "Correct the first line, or use `validate --fix`.",
    ),
    Code(
        "M504",
        "not-two-columns",
        "error",
        "{a}",
        "Each line is one source and one destination.",
        "Correct the line; `validate --fix` removes empty columns at its end.",
        service="Each line must have exactly two columns: '{lines}'",
    ),
    Code(
        "M505",
        "invalid-email-format",
        "error",
        "{a}",
        "The service refuses the address.",
        "Correct the address; `validate --fix` removes quotes around it.",
        service="Invalid Email Format '{b}'",
    ),
    Code(
        "M506",
        "duplicate-address",
        "error",
        "The {a} {b} is on several lines. The service would say: {c}",
        "One user would have two destinations, or two users one. The service ignores case when it compares.",
        "Keep one of the lines.",
        service="Line '{lines}' have the same '{b}'",
    ),
    Code(
        "M507",
        "target-same-as-source",
        "error",
        "Source and destination are the same address: {b}. The service would say: {c}",
        "The service refuses a line whose target is the same as the source.",
        "Map to the temporary onmicrosoft.com address of the destination account, or rename the source user first.",
        service="Target on line '{lines}' is same as source email ID",
    ),
    Code(
        "M508",
        "surrounding-blanks",
        "error",
        "There are spaces before or after {a}.",
        "The service compares the address together with its spaces and does not find it.",
        "Remove the spaces, or use `validate --fix`.",
        note="warning for the blank after the comma in `support-request`",
    ),
    Code(
        "M509",
        "encoding",
        "error",
        "{a}",
        "A byte order mark, another encoding or a wrong line end breaks the header or the addresses.",
        "Save as UTF-8 without BOM, or use `validate --fix`.",
        note="warning for mixed line ends",
    ),
    Code(
        "M510",
        "blank-line",
        "error",
        "{a}",
        "A blank line is a line without two columns.",
        "Remove the line, or use `validate --fix`.",
        note="warning at the end of the file",
    ),
    Code(
        "M511",
        "no-rows",
        "error",
        "The file lists no user.",
        "Users who are not in the file will not be migrated and cannot be mapped later.",
        "Run `generate` again.",
    ),
    Code(
        "M512",
        "invisible-or-lookalike-character",
        "error",
        "{a}",
        "The address looks right but is not: the service will not find it, or will find somebody else.",
        "Type the address again.",
    ),
    Code(
        "M513",
        "swapped-columns",
        "error",
        "{a}",
        "Source and destination are swapped: records would go to users of the wrong tenant.",
        "Swap the columns.",
    ),
    Code(
        "M514",
        "chained-address",
        "error",
        "{b} is a source on one line and a destination on another.",
        "After the first step the service could not tell the two users apart.",
        "Map to the temporary onmicrosoft.com address, or rename one of the accounts first.",
    ),
    Code(
        "M515",
        "outlier-domain",
        "warning",
        "The {a} domain {b} is on {c}.",
        "A domain that hardly anybody has is often a spelling mistake (fabrikam.con).",
        "Check the domain of these lines; nothing to do if it is right.",
    ),
    # --- around the move ----------------------------------------------------------------------------------------
    Code(
        "B601",
        "mailbox-must-be-reconfigured",
        "info",
        "The mailbox of {upn} must be reconfigured after the move ({a}).",
        "A mailbox at the default onmicrosoft.com domain changes its address, and a user without a mailbox in the destination "
        "tenant is not configured automatically.",
        "Plan the reconfiguration with server-side synchronisation after the move.",
    ),
    Code(
        "L701",
        "not-enough-licences",
        "error",
        "Licences needed at the destination: {a}; available: {b}.",
        "The destination needs at least as many licences as users are mapped.",
        "Buy or free licences, or map fewer users.",
    ),
    Code(
        "E801",
        "environment-type-not-supported",
        "error",
        "The environment {a} is of type {b}, which cannot be moved.",
        "Default, developer, trial and Teams environments cannot be moved (in 2023 nor could demo), so nobody is mapped.",
        "Copy the environment to a sandbox or convert it to production first.",
    ),
    Code(
        "E802",
        "region-or-cloud-change-not-supported",
        "error",
        "The environment {a} would change {b}.",
        "GCC to public and back is not supported. Support requests (2023) refuse every region change into or out of US GCC, GCC "
        "High, DoD, OCE, IND and China; in self-service (2026) nothing changes the region, which is a separate request. So nobody "
        "is mapped.",
        "Contact Microsoft before you continue.",
    ),
    Code(
        "E803",
        "linked-to-finance-and-operations",
        "error",
        "The environment {a} is linked to finance and operations.",
        "Such an organisation cannot be migrated to another tenant, so nobody is mapped.",
        "Contact Microsoft before you continue.",
    ),
    Code(
        "E804",
        "no-sandbox-rehearsal",
        "warning",
        "The production environment {a} has no rehearsal.",
        "Support requests demand a rehearsal with a sandbox copy first (article of 2023); for self-service it is good advice.",
        'Add a sandbox environment with `rehearses = "{a}"` to the plan.',
    ),
    Code(
        "E805",
        "inconsistent-across-environments",
        "error",
        "{upn} goes to different destinations: {a}.",
        "One person would become two in the destination tenant, so the user is held in every environment concerned.",
        "Add the right pair to the rules that all environments share.",
    ),
    Code(
        "V901",
        "not-mapped-after-migration",
        "error",
        "{upn} was mapped to {a}, who is not in the environment.",
        "The user has lost the records until this is repaired.",
        "Add the destination user to the environment and ask Microsoft support about the mapping.",
    ),
    Code(
        "V902",
        "still-at-source-address",
        "error",
        "{upn} is still at the source address; {a}.",
        "The mapping had no effect for this user, whose records still belong to the old address.",
        "Ask Microsoft support about the mapping of this user.",
    ),
    Code(
        "V903",
        "mapped-but-disabled-now",
        "warning",
        "{upn} arrived as {a} and is disabled there.",
        "The user cannot sign in.",
        "Enable the user and check the licence.",
    ),
    Code(
        "V904",
        "appeared-unplanned",
        "info",
        "{upn} is in the environment but not in the mapping.",
        "Somebody was added who is not in the mapping.",
        "Nothing to do if this is known.",
    ),
    Code(
        "V905",
        "changed-since-approval",
        "error",
        "{upn}: {a}.",
        "The mapping was approved before this change.",
        "Run `generate` again and review what changed.",
    ),
    Code(
        "V906",
        "record-at-another-address",
        "error",
        "{upn}: {a}.",
        "The systemuserid survives the move: what this user owned now belongs to another address, however well the addresses "
        "look.",
        "Let nobody work in the environment before Microsoft support has looked at this user's mapping.",
    ),
)

CATALOGUE: dict[str, Code] = {entry.code: entry for entry in _ENTRIES}
"""Code -> entry, in the order in which the pipeline meets them."""

ACCEPTABLE = tuple(entry.code for entry in _ENTRIES if entry.acceptable)
"""The only codes that `--accept` takes."""

EXCLUDABLE = tuple(
    entry.code
    for entry in _ENTRIES
    if entry.code[0] in "IUPR"
    and (entry.severity == "error" or entry.acceptable)
    and not entry.note.startswith("on the run")
)
"""The codes that `--exclude` takes: those that hold a user, and not the whole run."""
