//! Memory of hashes: its source, its reuse and its wiping.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use argon2::{Algorithm, Argon2, AssociatedData, Block, ParamsBuilder, Version};

use super::{Memory, MemoryBudget, Reserve};
use crate::lock;

fn fill(blocks: &mut [Block]) {
    for block in blocks {
        block.as_mut().fill(u64::MAX);
    }
}

fn words(memory: &Memory) -> impl Iterator<Item = u64> {
    memory.blocks.iter().flat_map(|block| block.as_ref()).copied()
}

/// Checks the test vector of RFC 9106, section 5.3 with the call that hashing uses, in used memory.
#[test]
fn argon2id_matches_rfc_9106_in_used_memory() {
    const TAG: [u8; 32] = [
        0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b, 0x53, 0xc9, 0xd0,
        0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9, 0x6b, 0x01, 0xe6, 0x59,
    ];
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .build()
        .unwrap();
    let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
    let mut memory = Memory::default();
    fill(memory.blocks(48).unwrap());
    for _ in 0..2 {
        let mut tag = [0; 32];
        let blocks = memory.blocks(32).unwrap();
        argon2
            .hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, blocks)
            .unwrap();
        assert_eq!(tag, TAG);
    }
}

#[test]
fn memory_grows_on_demand_and_never_shrinks() {
    let mut memory = Memory::default();
    assert_eq!(memory.blocks(3).unwrap().len(), 3);
    assert_eq!(memory.blocks(5).unwrap().len(), 5);
    assert_eq!(memory.blocks(2).unwrap().len(), 5);
}

#[test]
fn failed_allocation_is_an_error() {
    let mut memory = Memory::default();
    assert!(memory.blocks(usize::MAX).is_err());
    assert_eq!(memory.blocks(1).unwrap().len(), 1);
}

#[test]
fn wiping_writes_zeros_and_keeps_the_blocks() {
    let mut memory = Memory::default();
    fill(memory.blocks(3).unwrap());
    assert!(words(&memory).all(|word| word == u64::MAX));
    memory.wipe();
    assert_eq!(words(&memory).count(), 3 * 128);
    assert!(words(&memory).all(|word| word == 0));
}

#[test]
fn ordinary_hash_uses_the_memory_of_its_thread() {
    let budget = MemoryBudget::new(8, 100);
    let mut own = Memory::default();
    let (lent, left) = budget
        .with(2, &mut own, |blocks| (blocks.len(), *lock(&budget.reserve.left)))
        .unwrap();
    assert_eq!((lent, left), (8, 100));
    assert_eq!(own.len(), 8);
}

#[test]
fn larger_hash_uses_the_reserve_only() {
    let budget = MemoryBudget::new(8, 100);
    let mut own = Memory::default();
    let (lent, left) = budget
        .with(9, &mut own, |blocks| (blocks.len(), *lock(&budget.reserve.left)))
        .unwrap();
    assert_eq!((lent, left), (9, 91));
    assert_eq!(own.len(), 0);
    assert_eq!(*lock(&budget.reserve.left), 100, "the loan is returned");
}

#[test]
fn one_hash_may_use_the_whole_reserve() {
    let budget = MemoryBudget::new(8, 16);
    let lent = budget.with(16, &mut Memory::default(), |blocks| blocks.len());
    assert_eq!(lent.unwrap(), 16);
}

#[test]
fn hash_waits_until_enough_of_the_reserve_is_returned() {
    let reserve = Reserve::new(10);
    let returned = AtomicBool::new(false);
    let first = reserve.borrow(6);
    thread::scope(|scope| {
        let second = scope.spawn(|| {
            let _second = reserve.borrow(5);
            returned.load(Ordering::SeqCst)
        });
        // The other thread holds its turn from its request until it has the blocks.
        while reserve.turn.try_lock().is_ok() && !second.is_finished() {
            thread::yield_now();
        }
        returned.store(true, Ordering::SeqCst);
        drop(first);
        assert!(second.join().unwrap(), "the reserve lent more than it has");
    });
    assert_eq!(*lock(&reserve.left), 10);
}

#[test]
fn concurrent_loans_never_exceed_the_reserve() {
    let reserve = Reserve::new(10);
    thread::scope(|scope| {
        for count in 1..=10 {
            let reserve = &reserve;
            scope.spawn(move || {
                for _ in 0..100 {
                    let _loan = reserve.borrow(count);
                    assert!(*lock(&reserve.left) <= 10 - count);
                }
            });
        }
    });
    assert_eq!(*lock(&reserve.left), 10);
}
