//! The conditions of `pam_succeed_if`: whether they can hold for root and for other users.

/// Which users can meet the conditions of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// They can hold for root.
    pub root: bool,
    /// They can hold for other users.
    pub others: bool,
    /// They restrict terminals.
    pub places: bool,
}

/// A condition that no user meets.
pub const NEVER: [&str; 6] = ["uid", "=", "0", "uid", "!=", "0"];

/// Reads the arguments of a line in the stack of a service, whose name is in lower case. A
/// condition that is not understood can hold for everybody.
#[must_use]
pub fn read(arguments: &[String], service: &str) -> Conditions {
    let mut found = Conditions { root: true, others: true, places: false };
    // With use_uid the condition is about the user who started the program: root for login
    // programs.
    if arguments.iter().any(|word| word == "use_uid") {
        return found;
    }
    let flags = ["debug", "quiet", "quiet_fail", "quiet_success", "audit"];
    let words: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|word| !flags.contains(word)).collect();
    for condition in words.chunks(3) {
        let [field, operator, value] = condition else { return found };
        match (*field, *operator, *value) {
            ("uid", "=" | "eq", "0")
            | ("uid", "le" | "<=", "0")
            | ("uid", "lt" | "<", "1")
            | ("user", "=" | "in", "root") => found.others = false,
            ("uid", "ne" | "!=" | "gt" | ">", "0") | ("user", "!=" | "notin", "root") => {
                found.root = false;
            }
            ("uid", "ge" | ">=" | "gt" | ">", number)
                if number.parse::<u32>().is_ok_and(|number| number > 0) =>
            {
                found.root = false;
            }
            ("service", "=" | "in", names) => {
                let named = match *operator {
                    // Its programs have other names.
                    _ if service == "other" => true,
                    "in" => names.split(':').any(|name| name == service),
                    _ => names == service,
                };
                found.root &= named;
                found.others &= named;
            }
            ("tty", "=" | "in", _) => found.places = true,
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> (bool, bool, bool) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let found = read(&words, "sudo");
        (found.root, found.others, found.places)
    }

    #[test]
    fn a_condition_that_is_not_surely_about_root_can_hold_for_others() {
        for line in [
            "",
            "uid",
            "uid = 1000",
            "uid < 1000",
            "user ingroup wheel",
            "uid = 0 use_uid",
            "user in root:admin",
            "gid = 0",
            "ruser = root",
            "quiet uid =",
            "uid eq 00",
        ] {
            assert!(of(line).1, "{line}");
        }
    }

    #[test]
    fn conditions_for_root_alone_and_for_others_alone_are_recognised() {
        for line in
            ["uid = 0", "quiet uid eq 0", "user = root quiet", "uid < 1", "tty in tty1 uid = 0"]
        {
            let (root, others, _) = of(line);
            assert!(root && !others, "{line}");
        }
        for line in ["uid != 0", "uid >= 1000 quiet_success", "user != root", "uid ne 0"] {
            let (root, others, _) = of(line);
            assert!(!root && others, "{line}");
        }
        assert_eq!(of("quiet uid = 0 tty in tty1:tty2"), (true, false, true));
    }

    #[test]
    fn a_condition_about_the_service_is_decided() {
        for line in ["service = login", "service in login:su", "uid = 0 service = sud*"] {
            assert_eq!(of(line), (false, false, false), "{line}");
        }
        for line in ["service = sudo", "service in su:sudo", "service =~ login"] {
            assert_eq!(of(line), (true, true, false), "{line}");
        }
        assert_eq!(of("uid = 0 service = sudo"), (true, false, false));
        let login = ["service", "=", "login"].map(str::to_owned);
        assert!(read(&login, "other").others, "for the programs without a file");
    }
}
