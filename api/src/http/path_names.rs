//! What parameters of a path are called. poem-openapi numbers them in routes and errors, and keeps their names in the
//! description only.

use super::error::Failure;
use kernel::Error;
use poem_openapi::error::ParsePathError;

/// The parameters of a route's path, each with its segment.
pub fn in_path(route: &str, described: &[String]) -> Vec<(usize, String)> {
    let name = |segment: &str| {
        segment
            .strip_prefix('{')
            .map(|rest| rest.trim_end_matches('}').to_owned())
    };
    let same = |path: &&String| {
        let (mut route, mut path) = (route.split('/'), path.split('/'));
        loop {
            match (route.next(), path.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if one == other || one.starts_with(':') && name(other).is_some() => {
                }
                _ => return false,
            }
        }
    };
    let path = described.iter().find(same).into_iter();
    path.flat_map(|path| path.split('/').enumerate())
        .filter_map(|(place, segment)| Some((place, name(segment)?)))
        .collect()
}

/// The same error, naming the parameter of the path that is malformed.
pub fn named(error: poem::Error, parameters: &[(usize, String)]) -> poem::Error {
    let numbered = error.downcast_ref::<ParsePathError>().map(|error| error.name);
    let number = numbered.and_then(|name| name.strip_prefix("param")?.parse::<usize>().ok());
    match number.and_then(|number| parameters.get(number)) {
        Some((_, name)) => Failure(Error::params(name.clone(), format!("`{name}` is malformed"))).into(),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_named_as_the_description_names_them() {
        let described = [
            "/a/{id}".to_owned(),
            "/a/{user}/b/{slip}".to_owned(),
            "/a/list".to_owned(),
        ];
        let names = in_path("/a/:param0/b/:param1", &described);
        assert_eq!(names, [(2, "user".to_owned()), (4, "slip".to_owned())]);
        assert_eq!(in_path("/a/list", &described), []);
        let malformed = |name: &'static str| {
            let error = ParsePathError {
                name,
                reason: String::new(),
            };
            let named = named(error.into(), &names);
            named
                .downcast::<Failure>()
                .ok()
                .and_then(|Failure(error)| error.field)
        };
        assert_eq!(malformed("param1").as_deref(), Some("slip"));
        assert_eq!(malformed("param2"), None);
    }
}
