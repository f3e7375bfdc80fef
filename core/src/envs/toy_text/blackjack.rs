//! Blackjack: draw cards towards 21, then see what the dealer draws.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | stick: the dealer draws to 17 or more, and the hands are compared |
//! | 1 | hit: take another card |
//!
//! | observation | values |
//! |---|---|
//! | 0 the player's sum | 0..32 |
//! | 1 the dealer's open card | 0..11, an ace is 1 |
//! | 2 whether an ace counts 11 | 0, 1 |
//!
//! Cards come from an endless deck: 1 to 9, and four kinds that count 10. Reward: 1 for the better hand, -1 for
//! the worse one or one beyond 21, 0 otherwise. Start: two cards each. End: a stick or a hand beyond 21
//! terminates; there is no time limit. A natural is an ace and a ten as the first two cards: by the book's rules
//! ([`Blackjack::by_the_book`], which `Blackjack-v1` is) it beats everything but another natural; else it may
//! be paid 1.5 when it wins.
//!
//! Source: Sutton and Barto (2018), example 5.1, as in Gymnasium 1.4, draw for draw: a reset also draws the suit
//! of the dealer's open card and the picture of a ten, which nothing here shows.

use crate::env::{Ending, Env, Step};
use crate::rng::{Rng, choice, integers};
use crate::space::Space;

const DECK: [u32; 13] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10];

/// How a natural is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Natural {
    /// As any hand of 21.
    AsAny,
    /// 1.5 when it wins.
    HalfMore,
    /// It wins, except against another natural.
    Wins,
}

/// Cards, as far as the rules can tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Hand {
    cards: u32,
    /// Aces counted 1.
    total: u32,
    ace: bool,
}

impl Hand {
    fn draw<R: Rng + ?Sized>(&mut self, rng: &mut R) -> u32 {
        let card = choice(rng, &DECK);
        self.cards += 1;
        self.total += card;
        self.ace |= card == 1;
        card
    }

    const fn usable_ace(self) -> bool {
        self.ace && self.total + 10 <= 21
    }

    const fn sum(self) -> u32 {
        if self.usable_ace() { self.total + 10 } else { self.total }
    }

    /// What the hand counts in the end: nothing beyond 21.
    const fn score(self) -> u32 {
        if self.sum() > 21 { 0 } else { self.sum() }
    }

    const fn natural(self) -> bool {
        self.cards == 2 && self.sum() == 21
    }
}

/// The two hands.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Blackjack {
    natural: Natural,
    player: Hand,
    dealer: Hand,
    open_card: u32,
}

impl Blackjack {
    /// The rules of Sutton and Barto: a natural wins, except against another.
    pub const fn by_the_book() -> Self {
        Self::with(Natural::Wins)
    }

    /// A natural is a hand of 21 like any, but if `extra` is set, one that wins is paid 1.5.
    pub const fn casino(extra: bool) -> Self {
        Self::with(if extra { Natural::HalfMore } else { Natural::AsAny })
    }

    const fn with(natural: Natural) -> Self {
        let empty = Hand { cards: 0, total: 0, ace: false };
        Self { natural, player: empty, dealer: empty, open_card: 0 }
    }

    fn observe(&self, observation: &mut [u32]) {
        let Self { player, open_card, .. } = *self;
        observation.copy_from_slice(&[player.sum(), open_card, u32::from(player.usable_ace())]);
    }

    fn settle(&self) -> f64 {
        let (player, dealer) = (self.player, self.dealer);
        let better = match player.score().cmp(&dealer.score()) {
            core::cmp::Ordering::Greater => 1.0,
            core::cmp::Ordering::Equal => 0.0,
            core::cmp::Ordering::Less => -1.0,
        };
        match self.natural {
            Natural::Wins if player.natural() && !dealer.natural() => 1.0,
            Natural::HalfMore if player.natural() && better == 1.0 => 1.5,
            _ => better,
        }
    }
}

impl Env for Blackjack {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 2 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::MultiDiscrete { counts: &[32, 11, 2] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        *self = Self::with(self.natural);
        self.open_card = self.dealer.draw(rng);
        self.dealer.draw(rng);
        self.player.draw(rng);
        self.player.draw(rng);
        // The open card's suit, and its picture if it counts ten.
        integers(rng, 0, 4);
        if self.open_card == 10 {
            integers(rng, 0, 3);
        }
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        assert!(action < 2, "Blackjack has the actions 0 and 1, not {action}");
        let (reward, over) = if action == 1 {
            self.player.draw(rng);
            let bust = self.player.sum() > 21;
            (if bust { -1.0 } else { 0.0 }, bust)
        } else {
            while self.dealer.sum() < 17 {
                self.dealer.draw(rng);
            }
            (self.settle(), true)
        };
        self.observe(observation);
        Step { reward, ending: over.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(cards: &[u32]) -> Hand {
        Hand { cards: cards.len() as u32, total: cards.iter().sum(), ace: cards.contains(&1) }
    }

    #[test]
    fn an_ace_counts_eleven_while_it_can() {
        assert_eq!((hand(&[1, 6]).sum(), hand(&[1, 6, 9]).sum()), (17, 16));
        assert_eq!((hand(&[1, 1]).sum(), hand(&[10, 9, 3]).score()), (12, 0));
        assert!(hand(&[1, 10]).natural() && !hand(&[1, 4, 6]).natural());
    }

    #[test]
    fn a_natural_is_paid_by_the_rules_in_force() {
        let settle = |mut game: Blackjack, player: &[u32], dealer: &[u32]| {
            (game.player, game.dealer) = (hand(player), hand(dealer));
            game.settle()
        };
        let pays = |player, dealer| {
            [Blackjack::by_the_book(), Blackjack::casino(true), Blackjack::casino(false)]
                .map(|game| settle(game, player, dealer))
        };
        assert_eq!(pays(&[1, 10], &[10, 10]), [1.0, 1.5, 1.0]);
        assert_eq!(pays(&[1, 10], &[7, 7, 7]), [1.0, 0.0, 0.0]);
        assert_eq!(pays(&[1, 10], &[10, 1]), [0.0, 0.0, 0.0]);
        assert_eq!(pays(&[10, 9], &[10, 10]), [-1.0, -1.0, -1.0]);
    }
}
