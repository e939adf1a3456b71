//! The authority of operators, and the event of each administrative act: actor, device and target.

#![allow(clippy::unwrap_used, reason = "a failed precondition should fail the test")]

mod support;

use kunci_domain::ports::AccountStore;
use kunci_domain::use_cases::{
    AuthorityError, Operator, create_user, delete_user, end_all_sessions, find_user, invitations, invite,
    issue_link_for, list_sessions, list_users, remove_second_factor, revoke_invitation, revoke_session,
    set_password, set_standing,
};
use kunci_domain::{
    Actor, Device, Event, EventKind, Interface, OpenSession, Purpose, Role, SessionToken, Standing, User,
    UserId,
};
use support::{
    Act, DAY, MILLISECOND, NEW_PASSWORD, PASSWORD, World, new_user, operator, token, username,
    with_second_factor,
};

/// An act, the kind of its event, and the name of the target.
type Case = (
    &'static str,
    EventKind,
    Option<&'static str>,
    fn(&Scene, &Operator),
);

const ACTS: [Case; 14] = [
    (
        "create_user",
        EventKind::CreatedByOperator,
        Some("eve"),
        |scene, by| {
            let new = new_user("eve", PASSWORD);
            create_user(&scene.world.core, by, new, scene.world.now()).unwrap();
        },
    ),
    (
        "set_password",
        EventKind::PasswordSetByOperator,
        Some("ada"),
        |scene, by| {
            let (world, ada) = (&scene.world, username("ada"));
            set_password(&world.core, by, &ada, NEW_PASSWORD.into(), world.now()).unwrap();
        },
    ),
    (
        "disable",
        EventKind::DisabledByOperator,
        Some("ada"),
        |scene, by| {
            let (world, ada) = (&scene.world, username("ada"));
            set_standing(&world.core, by, &ada, Standing::Disabled, world.now()).unwrap();
        },
    ),
    (
        "enable",
        EventKind::EnabledByOperator,
        Some("ada"),
        |scene, by| {
            let (world, ada) = (&scene.world, username("ada"));
            set_standing(&world.core, by, &ada, Standing::Enabled, world.now()).unwrap();
        },
    ),
    (
        "remove_second_factor",
        EventKind::SecondFactorRemovedByOperator,
        Some("ada"),
        |scene, by| {
            let world = &scene.world;
            remove_second_factor(&world.core, by, &username("ada"), world.now()).unwrap();
        },
    ),
    (
        "sign-in link",
        EventKind::LinkIssuedByOperator,
        Some("ada"),
        |scene, by| {
            let (world, ada) = (&scene.world, username("ada"));
            issue_link_for(&world.core, by, &ada, Purpose::SignIn, world.now()).unwrap();
        },
    ),
    (
        "reset link",
        EventKind::LinkIssuedByOperator,
        Some("ada"),
        |scene, by| {
            let (world, ada) = (&scene.world, username("ada"));
            issue_link_for(&world.core, by, &ada, Purpose::ResetPassword, world.now()).unwrap();
        },
    ),
    (
        "delete_user",
        EventKind::DeletedByOperator,
        Some("ada"),
        |scene, by| {
            delete_user(&scene.world.core, by, &username("ada"), scene.world.now()).unwrap();
        },
    ),
    (
        "end_all_sessions",
        EventKind::AllSessionsEndedByOperator,
        Some("ada"),
        |scene, by| {
            let world = &scene.world;
            end_all_sessions(&world.core, by, world.user("ada").id, world.now()).unwrap();
        },
    ),
    (
        "revoke_session of a user",
        EventKind::SessionEndedByOperator,
        Some("ada"),
        |scene, by| revoke(scene, by, &scene.ada),
    ),
    (
        "revoke_session of a user whose code is missing",
        EventKind::SessionEndedByOperator,
        Some("ada"),
        |scene, by| {
            let pending = scene.world.pass_first_step("ada");
            scene.world.watch.pass();
            revoke(scene, by, &pending);
        },
    ),
    (
        "revoke_session of a visitor",
        EventKind::SessionEndedByOperator,
        None,
        |scene, by| revoke(scene, by, &scene.visitor),
    ),
    ("invite", EventKind::InvitationCreated, None, |scene, by| {
        invite(&scene.world.core, by, 1, DAY, scene.world.now()).unwrap();
    }),
    (
        "revoke_invitation",
        EventKind::InvitationRevoked,
        None,
        |scene, by| {
            let was_there = revoke_invitation(&scene.world.core, by, &scene.invitation, scene.world.now());
            assert!(was_there.unwrap());
        },
    ),
];

fn revoke(scene: &Scene, by: &Operator, token: &SessionToken) {
    let id = token.key().public_id();
    revoke_session(&scene.world.core, by, &id, scene.world.now()).unwrap();
}

/// Ada with a second factor, a visitor's session, an invitation, and root, who is an administrator.
struct Scene {
    world: World,
    ada: SessionToken,
    visitor: SessionToken,
    invitation: String,
    root: SessionToken,
}

impl Scene {
    fn new() -> Self {
        let (world, ada, _) = with_second_factor(World::new());
        let mut visitor = world.visit();
        visitor.insert("cart", 1).unwrap();
        visitor.commit().unwrap();
        let invitation = invite(&world.core, &operator(), 1, DAY, world.now()).unwrap();
        let root = administrator(&world);
        world.clock.advance(MILLISECOND);
        Self {
            ada,
            visitor: token(&visitor),
            invitation: invitation.key().public_id(),
            root,
            world,
        }
    }

    fn root(&self) -> OpenSession {
        self.world.open_from(&self.root, [192, 0, 2, 9])
    }

    /// Returns an operator with the actor and the device of its events.
    fn operator(&self, interface: Option<Interface>) -> (Operator, Actor, Device) {
        let Some(interface) = interface else {
            return (operator(), Actor::CommandLine, Device::default());
        };
        let actor = Actor::Administrator(self.world.user("grace").id, interface);
        let device = Device::new("a browser", Some([192, 0, 2, 9].into()));
        (self.root().operator(interface).unwrap(), actor, device)
    }

    fn id(&self, name: &str) -> Option<UserId> {
        let found = self.world.accounts.find_by_name(&username(name)).unwrap();
        found.map(|user| user.id)
    }

    /// Returns the events of this moment.
    fn new_events(&self) -> Vec<Event> {
        let mut events = self.world.accounts.all_events().unwrap();
        events.retain(|event| event.at == self.world.now());
        events
    }

    /// Returns the number of commits since the rule of the watch was set.
    fn commits(&self) -> usize {
        let calls = self.world.watch.calls();
        calls.iter().filter(|call| **call == "accounts.commit").count()
    }
}

/// Signs up an administrator.
fn administrator(world: &World) -> SessionToken {
    let token = world.sign_up("grace");
    world.change("grace", |user| User {
        role: Role::Administrator,
        ..user
    });
    token
}

#[test]
fn each_act_records_actor_device_and_target_in_one_commit() {
    for interface in [None, Some(Interface::Page), Some(Interface::Api)] {
        for (case, kind, target, act) in ACTS {
            let scene = Scene::new();
            let (operator, actor, device) = scene.operator(interface);
            let before = target.and_then(|name| scene.id(name));
            scene.world.watch.pass();
            act(&scene, &operator);
            assert_eq!(scene.commits(), 1, "{case}");
            let want = Event {
                actor,
                target: before.or_else(|| scene.id(target?)),
                at: scene.world.now(),
                kind,
                device,
            };
            assert_eq!(want.target.is_some(), target.is_some(), "{case}");
            assert_eq!(scene.new_events(), [want], "{case} by {actor:?}");
        }
    }
}

#[test]
fn reading_records_nothing() {
    let scene = Scene::new();
    let (core, by, now) = (&scene.world.core, operator(), scene.world.now());
    scene.world.watch.pass();
    assert_eq!(list_users(core, &by).unwrap().len(), 2);
    assert_eq!(
        find_user(core, &by, &username("ada")).unwrap(),
        scene.world.user("ada")
    );
    assert_eq!(
        list_sessions(core, &by, None, None, now).unwrap().sessions.len(),
        3
    );
    assert_eq!(invitations(core, &by, now).unwrap().len(), 1);
    assert_eq!(scene.commits(), 0);
}

#[test]
fn act_without_effect_records_nothing() {
    let scene = Scene::new();
    let (core, by, now) = (&scene.world.core, operator(), scene.world.now());
    let bob = username("bob");
    delete_user(core, &by, &bob, now).unwrap_err();
    set_standing(core, &by, &bob, Standing::Disabled, now).unwrap_err();
    issue_link_for(core, &by, &bob, Purpose::SignIn, now).unwrap_err();
    create_user(core, &by, new_user("ada", PASSWORD), now).unwrap_err();
    end_all_sessions(core, &by, UserId::from_stored(42), now).unwrap();
    revoke_session(core, &by, "0123456789ab", now).unwrap_err();
    assert!(!revoke_invitation(core, &by, "0123456789ab", now).unwrap());
    assert_eq!(scene.new_events(), []);
}

#[test]
fn only_a_fresh_administrator_becomes_an_operator() {
    let refused = |open: OpenSession| open.operator(Interface::Page).unwrap_err();
    let scene = Scene::new();
    assert_eq!(refused(scene.world.visit()), AuthorityError::NotSignedIn);
    assert_eq!(
        refused(scene.world.open(&scene.ada)),
        AuthorityError::NotAdministrator
    );
    scene.root().operator(Interface::Page).unwrap();
    scene
        .world
        .clock
        .advance(scene.world.core.account_policy.proof_lifetime);
    assert_eq!(refused(scene.root()), AuthorityError::ProofNeeded);
}

#[test]
fn event_of_a_deletion_is_all_that_remains() {
    let scene = Scene::new();
    let ada = scene.world.user("ada").id;
    delete_user(
        &scene.world.core,
        &operator(),
        &username("ada"),
        scene.world.now(),
    )
    .unwrap();
    let left = scene.world.accounts.events(ada, 0, 10).unwrap();
    let kinds: Vec<EventKind> = left.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::DeletedByOperator]);
}

#[test]
fn session_ends_only_if_its_event_is_recorded() {
    let scene = Scene::new();
    let id = scene.ada.key().public_id();
    scene.world.watch.each("accounts.commit", Act::Fail);
    revoke_session(&scene.world.core, &operator(), &id, scene.world.now()).unwrap_err();
    scene.world.watch.pass();
    assert_eq!(scene.world.who(&scene.ada).as_deref(), Some("ada"));
    scene.world.watch.each("sessions.delete", Act::Fail);
    revoke_session(&scene.world.core, &operator(), &id, scene.world.now()).unwrap_err();
    assert_eq!(scene.new_events().len(), 1);
}
