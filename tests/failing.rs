//! A world with a failing disk: when it ends, and what it must not do after that.

use counterfoil_disk::Fault;
use counterfoil_domain::{Now, OrderId, Rail};
use counterfoil_engine::ports::StoreError;
use counterfoil_engine::{EngineError, Step};

use crate::world::World;

impl World {
    pub(crate) fn disk_has_failed(&self) -> bool {
        self.disk.as_ref().is_some_and(|disk| disk.met().is_some())
    }

    /// The disk ends the program: by an error that was told, or without power.
    pub(crate) fn ends_by_the_disk<T>(&mut self, result: &Result<T, EngineError>) -> bool {
        if self.disk.as_ref().is_some_and(|disk| disk.met() == Some(Fault::PowerLoss)) {
            return true;
        }
        let told = matches!(result, Err(EngineError::Store(error)) if is_of_the_disk(error));
        if told && self.disk_has_failed() {
            self.sends_nothing_more();
        }
        told && self.disk_has_failed()
    }

    /// After an error of the disk the engine is asked for more, as if the error had not been heard:
    /// nothing is sold, and no write leaves.
    fn sends_nothing_more(&mut self) {
        let clocks = self.clocks();
        // none while it starts
        let Some(engine) = &mut self.engine else { return };
        assert!(engine.store().is_done_for());
        for rail in [Rail::SinopacAccount, Rail::CtbcCard] {
            if !engine.shop().has(rail.bank()) {
                continue;
            }
            let sold = engine.sell(clocks, &World::sale(OrderId::from_bytes([9; 16]), rail, 100));
            let told = matches!(&sold, Err(EngineError::Store(error)) if is_of_the_disk(error));
            assert!(told, "{sold:?}");
        }
        for mins in 0..5 {
            let now = Now { wall: clocks.wall.plus_mins(mins), mono: clocks.mono.plus_ms(mins * 60_000) };
            match engine.step(now) {
                Ok(Step::Send(call)) => assert!(!call.is_write, "{:?}", call.request),
                Ok(Step::Wait(_) | Step::Idle) => {}
                Err(EngineError::Store(error)) if is_of_the_disk(&error) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

fn is_of_the_disk(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::DiskFull
            | StoreError::Locked
            | StoreError::Denied
            | StoreError::Damaged
            | StoreError::Storage(_)
    )
}
