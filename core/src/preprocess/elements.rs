//! An array of any length that can be saved, for wrappers that remember observations.

/// `N` elements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elements<T, const N: usize>(pub [T; N]);

impl<T: Copy + Default, const N: usize> Default for Elements<T, N> {
    fn default() -> Self {
        Self([T::default(); N])
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize, const N: usize> serde::Serialize for Elements<T, N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de, T, const N: usize> serde::Deserialize<'de> for Elements<T, N>
where
    T: serde::Deserialize<'de> + Copy + Default,
{
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Sequence(core::marker::PhantomData))
    }
}

/// Reads exactly `N` elements.
#[cfg(feature = "serde")]
struct Sequence<T, const N: usize>(core::marker::PhantomData<T>);

#[cfg(feature = "serde")]
impl<'de, T, const N: usize> serde::de::Visitor<'de> for Sequence<T, N>
where
    T: serde::Deserialize<'de> + Copy + Default,
{
    type Value = Elements<T, N>;

    fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{N} elements")
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
        let mut elements = Elements::default();
        for (index, element) in elements.0.iter_mut().enumerate() {
            let next = from.next_element()?;
            *element = next.ok_or_else(|| serde::de::Error::invalid_length(index, &self))?;
        }
        match from.next_element::<T>()? {
            None => Ok(elements),
            Some(_) => Err(serde::de::Error::invalid_length(N + 1, &self)),
        }
    }
}
