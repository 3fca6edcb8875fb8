//! How many calls, questions or attempts each user has in progress.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Numbers of guards by key, such as a user id. Copies share the numbers.
#[derive(Clone, Debug)]
pub(crate) struct KeyedCounter<K>(Arc<Mutex<HashMap<K, u32>>>);

/// Counts as one for its key until it is dropped.
#[derive(Debug)]
pub(crate) struct CounterGuard<K: Copy + Eq + Hash> {
    key: K,
    counter: KeyedCounter<K>,
}

impl<K> Default for KeyedCounter<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Copy + Eq + Hash> KeyedCounter<K> {
    /// Adds one for this key.
    pub(crate) fn add(&self, key: K) -> CounterGuard<K> {
        *self.lock().entry(key).or_default() += 1;
        CounterGuard { key, counter: self.clone() }
    }

    /// Adds one for this key, unless the key has `key_max` or all keys together have `total_max`.
    pub(crate) fn add_within(
        &self,
        key: K,
        key_max: u32,
        total_max: u32,
    ) -> Option<CounterGuard<K>> {
        let mut numbers = self.lock();
        let of_key = numbers.get(&key).copied().unwrap_or_default();
        if of_key >= key_max || numbers.values().sum::<u32>() >= total_max {
            return None;
        }
        numbers.insert(key, of_key + 1);
        drop(numbers);
        Some(CounterGuard { key, counter: self.clone() })
    }

    /// The number for this key.
    pub(crate) fn count(&self, key: K) -> u32 {
        self.lock().get(&key).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for CounterGuard<K> {
    fn drop(&mut self) {
        let mut numbers = self.counter.lock();
        if let Some(number) = numbers.get_mut(&self.key) {
            *number = number.saturating_sub(1);
            if *number == 0 {
                numbers.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_leaves_room_for_others_and_gets_it_back() {
        let counter = KeyedCounter::default();
        let first = counter.add_within(1, 2, 64).unwrap();
        let second = counter.add_within(1, 2, 64).unwrap();
        assert!(counter.add_within(1, 2, 64).is_none());
        assert!(counter.add_within(2, 2, 64).is_some());
        drop(first);
        let third = counter.add_within(1, 2, 64).unwrap();
        assert!(counter.add_within(1, 2, 64).is_none());
        assert_eq!(counter.count(1), 2);
        drop((second, third));
        assert!(counter.lock().is_empty());
    }

    #[test]
    fn all_keys_together_stay_within_the_total() {
        let counter = KeyedCounter::default();
        let guards: Vec<_> = (0..200).filter_map(|key| counter.add_within(key, 2, 64)).collect();
        assert_eq!(guards.len(), 64);
    }

    #[test]
    fn without_a_limit_each_guard_counts() {
        let counter = KeyedCounter::default();
        let guards: Vec<_> = (0..100).map(|_| counter.add("key")).collect();
        assert_eq!(counter.count("key"), 100);
        drop(guards);
        assert_eq!(counter.count("key"), 0);
    }
}
